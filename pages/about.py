"""About: what this is for, what it cannot do, how to read a map, what is kept, and where it comes from."""

import streamlit as st

from cxr_models.errors import CxrError
from pages.shared import cached, frame, lesson, map_beside, map_words
from pages.shared.choices import one_of
from pages.shared.opened import stated
from pages.shared.viewer import Overlay, viewer

USE = """
#### What it is for
Research and teaching: to see what published chest-film models answer, where on the film their answers come from, and
how far they agree. **It is not a medical device and must not take part in any decision about a patient.**

#### What it cannot do
- It knows three answers (COVID-19, normal, pneumonia). Every other disease gets one of them.
- It gives no probability of disease in *your* patient: the test films hold far more COVID-19 than practice does.
- Its models learned from public collections in which disease and collection go together. They may recognise the
  collection, the markers or the age of the patient. Expect worse figures on films from elsewhere.
- Children: many normal and pneumonia films came from one children's hospital. "Pneumonia" may mean "child".
- When all models agree, they may be wrong for the same reason: they share training films.
"""
MAPS = """
#### How to read a map
A map shows what the network used, not where disease is. Ask of every map: does it lie in the lungs, and more than a map
spread evenly would? Is the answer still the same once the marked part is blurred (*Explain*)? Do other models point to
the same place (*Compare*)? Below, a thorax made by code: its opacity is known exactly.
"""
REST = """
#### What is kept, and where
Films, their maps and what the models say of them live in the memory of the server, for your browser session only, and
are gone when you close the film or the session ends. Nothing of them is written to disk, to a log or into an address,
and no other reader can see them. File names and DICOM tags are neither shown nor kept; a DICOM header is shown only
while you ask for it. Nothing is sent elsewhere; fetching a public film or the weights of a model only receives.

The one exception you switch on yourself: with *Reader first*, each reading that you record, the time you took and what
the models answered are kept in a database of this server, without your name and without the film. Other readers of this
server can see it there.

#### Papers
- **CoroNet study:** Khobahi, Agarwal, Soltanalian, *CoroNet: A Deep Network Architecture for Semi-Supervised Task-Based
  Identification of COVID-19 from Chest X-ray Images*, medRxiv 2020,
  [10.1101/2020.04.14.20065722](https://doi.org/10.1101/2020.04.14.20065722)
- **HRNet + UNet study:** Ahmed and others, *Automated COVID-19 Detection from Chest X-Ray Images: A High-Resolution
  Network (HRNet) Approach*, SN Computer Science 2021, [10.1007/s42979-021-00690-w](https://doi.org/10.1007/s42979-021-00690-w)
- **CNN-X study:** Majeed, Rashid, Ali, Asaad, *Covid-19 Detection using CNN Transfer Learning from X-ray Images*,
  medRxiv 2020
- **Convolutional autoencoder study:** Revue d'Intelligence Artificielle 35 (5), 2021,
  [10.18280/ria.350509](https://doi.org/10.18280/ria.350509)
- **Transfer learning study:** Hernandez, Pereira, Georgieva, *COVID-19 detection through X-Ray chest images*, 2020
- **Maps:** Zhou and others 2016 (class activation), Selvaraju and others 2017 (Grad-CAM), Fong and Vedaldi 2017
  (perturbation); how far they can be trusted: Arun and others 2021, Saporta and others 2022

#### Running it, and licence
`make app` opens it on your own machine; `make test` checks it. For many films at once:
`python -m cxr_models analyse FILM... --out FOLDER`. The code's licence is in the file LICENSE; each model's and each
public film's own licence stands beside it.
"""
ONE = "One phantom says nothing about how well a model reads films."


def main() -> None:
    frame.page("About")
    _, text, _ = st.columns([1, 6, 1])
    text.markdown(USE)
    text.markdown(MAPS)
    place = text.container()
    text.markdown(REST)
    with place:
        example()


def example() -> None:
    """The phantom with its true opacity, and beside it what a model's map makes of it."""
    specs = stated(cached.classifiers)
    titles = {name: spec.title for name, spec in specs.items()}
    if not titles:
        return
    chosen = one_of("Model", titles, "about-model")
    film, lungs = lesson.phantom().film, lesson.lungs()
    truth, answer = st.columns(2, gap="small")
    with truth:
        st.markdown("**The truth:** where the opacity is")
        opacity = lesson.phantom().opacity.astype("float32")
        overlay = Overlay("Opacity", opacity, False, "1 inside, 0 outside", 0.0, 1.0)
        viewer(film, key="about-truth", overlays=[overlay], lungs=lungs, controls=False)
    with answer:
        st.markdown(f"**The map:** evidence of COVID-19 to {titles[chosen]}")
        map_of(chosen)


def map_of(model_id: str) -> None:
    try:
        with st.spinner("Making the map"):
            result = lesson.found(model_id)
    except CxrError as error:
        st.warning(f"The map could not be made. {error}")
        return
    overlays = map_beside.overlays(result, "Evidence")
    viewer(lesson.phantom().film, key="about-map", overlays=overlays, lungs=lesson.lungs(), controls=False)
    said = lesson.verdict(lesson.score(result.values)) if overlays else map_words.nothing(result.target)
    st.markdown(f"{said} {ONE}")


main()

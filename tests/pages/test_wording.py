import numpy as np
import pytest
from by_hand import prediction

from cxr_models.results import Conformal, Evaluation, Measure
from cxr_models.types import COVID19, NORMAL, PNEUMONIA, THREE_CLASSES, Film, Lungs, Reading, Reason, Verdict
from pages.shared import wording

NAMES = {"a": "CAE", "b": "CoroNet", "c": "HRNet, on the lungs alone,", "d": "CNN-X", "e": "ResNet-18"}


def said(**yes: bool) -> list:
    positive, negative = (0.9, 0.06, 0.04), (0.1, 0.6, 0.3)
    return [prediction(name, *(positive if covid else negative)) for name, covid in yes.items()]


@pytest.mark.parametrize(
    ("predictions", "sentence"),
    [
        ([], "No model has read this film."),
        (said(a=True), "CAE says COVID-19."),
        (said(a=False), "CAE does not say COVID-19, but normal."),
        (said(a=True, b=True), "Both say COVID-19."),
        (said(a=False, b=False), "Neither says COVID-19; 2 say normal."),
        (said(a=True, b=True, d=True), "All 3 say COVID-19."),
        (said(a=True, b=True, c=False), "2 of 3 say COVID-19; HRNet, on the lungs alone, does not."),
        (said(a=True, b=True, d=True, c=False, e=False),
         "3 of 5 say COVID-19; HRNet, on the lungs alone, and ResNet-18 do not."),
        (said(a=True, b=False, c=False, d=False), "1 of 4 says COVID-19; only CAE does."),
        (said(a=True, b=True, c=False, d=False, e=False), "2 of 5 say COVID-19; only CAE and CoroNet do."),
    ],
)  # fmt: skip
def test_the_agreement_sentence(predictions, sentence):
    assert wording.agreement(predictions, NAMES) == sentence


def test_those_against_are_counted_by_what_they_say_instead():
    three = [prediction("a", 0.1, 0.6, 0.3), prediction("b", 0.1, 0.2, 0.7), prediction("d", 0.2, 0.8)]
    assert wording.agreement(three, NAMES) == (
        "None of 3 says COVID-19; 1 says normal, 1 says pneumonia and 1 says not COVID-19."
    )


def test_the_threshold_decides_who_says_covid_not_the_largest_probability():
    low = prediction("a", 0.3, 0.5, 0.2, threshold=0.25)
    high = prediction("b", 0.6, 0.3, 0.1, threshold=0.7)
    assert wording.agreement([low, high], NAMES) == "1 of 2 says COVID-19; CoroNet does not."
    assert wording.threshold(low) == "▲ COVID-19 at or above its threshold of 0.25"
    assert wording.threshold(high) == "▽ COVID-19 below its threshold of 0.70"


def test_what_a_model_is_taken_to_say():
    """COVID-19 from its threshold on, though another class be more probable; else the most probable of the others."""
    assert prediction("a", 0.3, 0.5, 0.2, threshold=0.25).answer == COVID19
    assert prediction("a", 0.3, 0.5, 0.2, threshold=0.5).answer == NORMAL
    assert prediction("a", 0.6, 0.1, 0.3, threshold=0.7).answer == PNEUMONIA


def test_a_low_threshold_is_said_when_another_answer_is_more_probable():
    low, high = prediction("a", 0.3, 0.5, 0.2, threshold=0.25), prediction("b", 0.6, 0.3, 0.1, threshold=0.5)
    assert wording.cautious([high]) == ""
    assert wording.cautious([low, high]).startswith("For one of these models another answer is more probable")
    assert wording.cautious([low, low]).startswith("For 2 of these models")


def test_the_gate_gives_the_reasons_of_its_severity_only():
    warn = Reason("small", "warn", "The film is small.", 300, 512)
    refuse = Reason("lateral", "refuse", "This is a lateral film.", 0.9, 0.5)
    film = Film(np.zeros((100, 200), np.float32), "0", "Film 1", "PNG")
    lungs = Lungs(np.ones((100, 200), bool), 0.25, (0.15, 0.1), 0.9)

    def said(verdict: Verdict) -> str:
        return wording.gate(Reading(film, verdict, lungs))

    assert said(Verdict("ok")) == "Fit to be read: a frontal chest film with both lungs in view."
    assert said(Verdict("warned", (warn,))) == "Read with care: The film is small."
    assert said(Verdict("refused", (warn, refuse))) == "Not fit to be read: This is a lateral film."


def test_lungs_that_nobody_looked_for_are_not_said_to_be_in_view():
    film, failures = Film(np.zeros((100, 200), np.float32), "0", "Film 1", "PNG"), {"unet": "Its weights are missing."}
    assert wording.gate(Reading(film, Verdict("ok"), None, failures=failures)) == (
        "Fit to be read: a frontal chest film. The lungs were not looked for. Its weights are missing."
    )


def test_area_in_square_centimetres_where_the_pixel_size_is_known():
    lungs = Lungs(np.ones((100, 200), bool), 0.25, (0.15, 0.1), 0.9)
    known = Film(np.zeros((100, 200), np.float32), "0", "Film 1", "DICOM", spacing_mm=(2.0, 2.0))
    unknown = Film(known.pixels, "0", "Film 1", "PNG")
    # 100 x 200 pixels of 0.04 cm² are 800 cm²; a quarter of them is lung.
    none = "Dense lung may be left out: no measurement."
    assert wording.area(lungs, known) == (
        f"Lungs as found: 25% of the film, about 200 cm² by the pixel size it states. {none}"
    )
    assert wording.area(lungs, unknown) == f"Lungs as found: 25% of the film. {none}"
    nothing = Lungs(np.zeros((100, 200), bool), 0.0, (), 0.9)
    assert wording.area(nothing, known) == "No lungs were found on this film."


def test_what_a_model_answers():
    assert wording.answers(("covid19", "normal", "pneumonia")) == "COVID-19, normal or pneumonia"
    assert wording.answers(("covid19", "non_covid19")) == "COVID-19 or not COVID-19"


def measured(**changes) -> Evaluation:
    """20 of 100 films show COVID-19; at the threshold 16 of them are named, and 16 of the other 80."""
    values = dict(
        model_id="a", classes=THREE_CLASSES, n=100, data="", date="", command="",
        confusion=((20, 0, 0), (0, 50, 0), (0, 0, 30)), roc={},
        measures=(Measure("sensitivity at threshold", COVID19, 0.8, 0.7, 0.9, 20),
                  Measure("specificity at threshold", COVID19, 0.8, 0.7, 0.9, 80),
                  Measure("coverage of sets", "", 0.91, 0.85, 0.95, 100)),
        conformal=Conformal("by hand", 0.9, {"covid19": 0.2, "normal": 0.3, "pneumonia": 0.25}, {}),
    )  # fmt: skip
    return Evaluation(**(values | changes))


def test_a_threshold_is_told_in_films_here_and_where_the_finding_is_rare():
    here, rare, _ = wording.in_use(prediction("a", 0.5, 0.3, 0.2), measured())
    assert "Of 100 such films, 20 show COVID-19. The model names 32: 16 rightly and 16 wrongly. It misses 4." in here
    assert "Of 100 such films, 5 show COVID-19. The model names 23: 4 rightly and 19 wrongly. It misses 1." in rare


def test_what_is_ruled_out_follows_the_stored_cuts():
    assert wording.not_ruled_out(prediction("a", 0.5, 0.3, 0.2), measured()) == ("covid19", "normal")
    *_, said = wording.in_use(prediction("a", 0.5, 0.3, 0.2), measured())
    assert said.startswith("Not ruled out at 90%: COVID-19 and normal. On test films the right class was kept 91%")
    *_, unlike = wording.in_use(prediction("a", 0.15, 0.2, 0.1), measured())
    assert unlike.startswith("The film is unlike nearly all films of every class")


def test_without_stored_cuts_nothing_is_ruled_out():
    one = prediction("a", 0.5, 0.3, 0.2)
    assert wording.not_ruled_out(one, None) == wording.not_ruled_out(one, measured(conformal=None)) == one.classes
    assert len(wording.in_use(one, measured(conformal=None))) == 2

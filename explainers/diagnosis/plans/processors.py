"""Plans for an image that is made for another processor than the node's."""

from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.config import PLACEHOLDER
from explainers.diagnosis.plans.images import other_image
from explainers.diagnosis.views.nodes import ARCH
from explainers.diagnosis.views.pods import Container
from explainers.diagnosis.views.processors import Processors, made_for
from explainers.diagnosis.views.pulls import repository_of
from explainers.diagnosis.views.template import steps_after, template_patch
from explainers.plan import Step


def built_for(case: Case, container: Container, there: Processors) -> tuple[Step, ...]:
    """Another image, for the person to complete."""
    kind = f"`{there.here}`" if there.here else "the processor of the nodes"
    why = f"set an image that is built for {kind}, with its tag in place of {PLACEHOLDER}; build one, if there is none"
    return other_image(case, container, f"{repository_of(container.image)}:{PLACEHOLDER}", why)


def moved(case: Case, container: Container, there: Processors) -> tuple[Step, ...]:
    """Demand nodes of another processor, where there are any, and the image does not say that it is for a third."""
    told = made_for(container.image)
    fitting = [one for one in there.elsewhere if one == told or not told]
    if len(fitting) != 1:
        return ()
    change = template_patch(case, {"nodeSelector": {ARCH: fitting[0]}})
    why = f"run it on nodes with `{fitting[0]}`, if its image is built for that"
    return steps_after(case, change, why, "the pods start there")

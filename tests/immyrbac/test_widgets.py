"""Controls: what they draw, and that a long choice brings only a little with it."""

import pytest
from django import forms

from immyrbac import widgets
from tenancy.models import Tenant
from tests.factories import TenantFactory

CHOICES = [("allow", "Allow"), ("deny", "Deny")]


class EffectForm(forms.Form):
    default_renderer = widgets.Renderer
    effect = forms.ChoiceField(
        choices=CHOICES, widget=widgets.RadioCards(denies=["deny"], help={"deny": "Wins <always>"})
    )
    ends = forms.ChoiceField(choices=CHOICES, widget=widgets.Joined, required=False)
    note = forms.CharField(help_text="Shown to auditors.")


def test_a_card_says_its_help_and_what_denies():
    html = EffectForm(initial={"effect": "allow"}).as_div()
    assert "<small>Wins &lt;always&gt;</small>" in html
    assert html.count("card denies") == 1
    assert html.count("checked") == 1


def test_a_form_with_errors_links_its_summary_to_the_fields():
    html = str(EffectForm({"effect": "allow"}))
    assert 'href="#id_note"' in html
    assert 'aria-describedby="id_note_helptext id_note_error"' in html
    assert 'id="id_note_error"' in html
    assert html.index("error-summary") < html.index('name="effect"')


def test_a_group_of_radios_has_a_name_and_can_be_reached_from_the_summary():
    html = str(EffectForm({"note": "x"}))
    assert 'href="#id_effect"' in html
    assert 'id="id_effect" tabindex="-1" role="group" aria-labelledby="id_effect_label"' in html


@pytest.mark.django_db
def test_a_combobox_with_a_source_brings_the_first_and_the_chosen(django_assert_max_num_queries):
    tenants = [TenantFactory(name=f"Tenant {n:03}") for n in range(30)]
    widget = widgets.Combobox(source="/tenants/options", first=5, describe=lambda tenant: {"help": tenant.slug})
    field = forms.ModelChoiceField(Tenant.objects.order_by("name"), widget=widget)
    form = type("F", (forms.Form,), {"tenant": field, "default_renderer": widgets.Renderer})
    with django_assert_max_num_queries(2):
        html = str(form(initial={"tenant": tenants[20].pk})["tenant"])
    assert html.count("<option") == 1 + 5 + 1
    assert f'value="{tenants[20].pk}" selected data-help="{tenants[20].slug}"' in html
    assert 'data-source="/tenants/options"' in html
    assert len(form().fields["tenant"].choices) == 31


def test_an_option_says_only_what_there_is_to_say():
    attrs = widgets.option_attrs({"help": "", "power": 2, "disabled": True, "marks": None})
    assert attrs == {"data-power": 2, "disabled": True}
    assert "disabled" not in widgets.option_attrs({"help": "x", "disabled": False})


def test_options_are_drawn_as_django_draws_them():
    choices = [("", "Any <of> them"), ("Letters", [("a", "A & B"), ("b", "B")]), (3, "Three")]
    html = str(forms.Select(attrs={"disabled": True}, choices=choices).render("kind", "b", renderer=widgets.Renderer()))
    assert html.startswith('<select name="kind" disabled>')
    plain = forms.Select(attrs={"disabled": True}, choices=choices).render("kind", "b")
    assert html.split() == plain.split()

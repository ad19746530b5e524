"""What a filter offers: drawn once where it is the same for everybody, and never what another reader was offered."""

from django import forms

from immyrbac.filters import Filters
from immyrbac.widgets import Combobox
from tenancy.models import Tenant
from tests.factories import TenantFactory


class Asked(Filters):
    q = forms.CharField(required=False)
    state = forms.ChoiceField(required=False, choices=[("", "Any"), ("live", "Live")])
    mine = forms.ChoiceField(required=False, choices=[("", "Any")])
    tenant = forms.ModelChoiceField(None, required=False, widget=Combobox(source="/tenants/options", first=0))
    shown = forms.ModelChoiceField(Tenant.objects.none(), required=False)

    def __init__(self, data, *names):
        super().__init__(data)
        self.fields["mine"].choices = [("", "Any"), *((name, name) for name in names)]
        self.fields["shown"].queryset = Tenant.objects.filter(name__in=names)
        self.offer(lambda model: model.objects.filter(name__in=names), tenant=Tenant)


def drawn(form, name):
    return form[name].as_field_group()


def test_what_is_the_same_for_everybody_is_drawn_once(db):
    first, second = Asked({}, "Fabrikam"), Asked({}, "Contoso")
    for name in ("state", "tenant"):
        assert drawn(second, name) is drawn(first, name)


def test_options_of_one_reader_are_not_shown_to_another(db):
    TenantFactory(name="Fabrikam")
    for name in ("mine", "shown"):
        assert "Fabrikam" in drawn(Asked({}, "Fabrikam"), name)
        assert "Fabrikam" not in drawn(Asked({}, "Contoso"), name)


def test_a_field_that_asks_shows_what_it_asks_and_leaves_the_next_reader_alone(db):
    tenant = TenantFactory(name="Fabrikam")
    asking = Asked({"state": "live", "tenant": str(tenant.pk)}, "Fabrikam")
    assert asking.is_valid()
    assert asking.cleaned_data["tenant"] == tenant
    assert "selected" in drawn(asking, "state").partition("Live")[0].rpartition("<option")[2]
    assert "Fabrikam" in drawn(asking, "tenant")
    assert "Fabrikam" not in drawn(Asked({}, "Fabrikam"), "tenant")


def test_a_choice_outside_of_what_is_offered_is_lost(db):
    tenant = TenantFactory(name="Fabrikam")
    form = Asked({"tenant": str(tenant.pk)}, "Contoso")
    assert not form.is_valid()
    assert form.lost == ["tenant"]

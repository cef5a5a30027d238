from django.urls import path

from bases.views import applicants, authorisations, base, catalogue, history, people, public, units

urlpatterns = [
    path("role/", people.choose_role, name="choose-role"),
    path("bases/", base.base_list, name="base-list"),
    path("bases/<int:pk>/", base.base_page, name="base"),
    path("bases/<int:pk>/acts/<slug:name>/", base.act, name="act"),
    path("bases/<int:pk>/applicant/", applicants.hand_over, name="hand-over"),
    path("catalogue/", catalogue.catalogue, name="catalogue"),
    path("units/mine/", units.own_unit, name="own-unit"),
    path("partners/", people.partners, name="partners"),
    path("partners/new/", people.new_partner, name="new-partner"),
    path("organisations/", people.organisations, name="organisations"),
    path("organisations/department/", units.department, name="department"),
    path("organisations/units/<int:pk>/", units.unit, name="training-unit"),
    path("organisations/authorisations/<int:pk>/remove/", units.remove_authorisation, name="remove-authorisation"),
    path("organisations/authorisations/import/", authorisations.upload, name="authorisations-import"),
    path("organisations/authorisations/template/", authorisations.blank, name="authorisations-template"),
    path("organisations/authorisations/checks/<int:pk>/", authorisations.check, name="authorisations-check"),
    path("organisations/units/<int:pk>/import/", authorisations.upload, name="unit-authorisations-import"),
    path("organisations/units/<int:pk>/template/", authorisations.blank, name="unit-authorisations-template"),
    path("accounts/", people.accounts, name="accounts"),
    path("memberships/", people.memberships, name="memberships"),
    path("memberships/<int:pk>/withdraw/", people.withdraw_membership, name="withdraw-membership"),
    path("policies/", people.policies, name="policies"),
    path("history/", history.history, name="history"),
    path("public/bases/", public.bases, name="public-bases"),
    path("public/bases/<int:pk>/", public.base, name="public-base"),
]

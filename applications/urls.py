from django.urls import path

from applications.views import declaring, notices, panels, rounds

urlpatterns = [
    path("rounds/", rounds.round_list, name="round-list"),
    path("rounds/new/", rounds.round_new, name="round-new"),
    path("rounds/<int:pk>/", rounds.round_page, name="round"),
    path("applications/new/", declaring.application_new, name="application-new"),
    path("applications/<int:pk>/edit/", declaring.application_edit, name="application-edit"),
    path("applications/<int:pk>/autosave/", declaring.application_autosave, name="application-autosave"),
    path("notices/new/", notices.notice_new, name="notice-new"),
    path("public/notices/", notices.notice_list, name="public-notices"),
    path("public/notices/<int:pk>/", notices.notice_page, name="public-notice"),
    path("public/notices/<int:pk>/pdf-state/", notices.notice_pdf_state, name="notice-pdf-state"),
    path("public/notices/<int:pk>/objections/new/", notices.objection_new, name="objection-new"),
    path("public/objections/", notices.objection_status, name="objection-status"),
    path("objections/", notices.objection_list, name="objection-list"),
    path("objections/<int:pk>/", notices.objection_handle, name="objection-handle"),
    path("documents/recognition/new/", notices.recognition_document, name="recognition-document"),
    path("sheets/", panels.sheet_list, name="sheet-list"),
    path("sheets/<int:pk>/", panels.sheet, name="sheet"),
    path("sheets/<int:pk>/recuse/", panels.recuse, name="sheet-recuse"),
]

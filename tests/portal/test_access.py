"""Deny by default: for every address, every role, the public and an account without a role, what opens is written down here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import URLPattern, get_resolver, path, reverse
from django.utils import timezone

from agreements.models import Account, AccountStatement, Contribution, Expense, Placement
from agreements.services import month_imports, receipts, statements, student_imports
from applications.models import (
    Application,
    ApplicationFile,
    Assignment,
    AssignmentPlan,
    ExpertAbsence,
    ExpertProfile,
    Objection,
    PreliminaryList,
    PublicNotice,
    Quota,
    Recommendation,
    Round,
    TrainedStudent,
)
from applications.services import (
    expert_imports,
    experts,
    fact_imports,
    invitations,
    meetings,
    notice_drafts,
    objections,
    printing,
    roster,
    rounds,
    rubrics,
)
from bases import acts, office_texts
from bases.models import Base, Membership
from bases.services import authorisations, people
from bases.services import office_texts as wordings
from portal import clock, verification
from portal.acting import Acting
from portal.models import ImportCheck, StoredFile, Submission, User
from portal.roles import Role
from portal.urls import urlpatterns as portal_urlpatterns
from tests.agreements import certified, mentoring, placing, research
from tests.agreements import months as cooperating
from tests.agreements.funds import entered, own_account, paid_in, spent
from tests.applications.ranked import scored
from tests.conftest import TODAY
from tests.factories import UserFactory, World

pytestmark = pytest.mark.usefixtures("bare_frame")

# + opens, or takes the form    x refused by a page that names the roles it takes    > led to the login page
# 0 does not exist for them    h led home    r opens to be read, a form is refused by a page that says whose it is
# Whoever sends it otherwise than is meant (GET, POST) and would not be refused before meets a page that says so.
COLUMNS = "public no_role applicant unit_officer partner_officer expert dept_officer dept_leader auditor sysadmin security_admin"
# name                       sent      public  none  applicant unit partner expert officer leader auditor sysadmin security
OWN = """
home                         GET       +       +     +         +    +       +      +       +      +       +        +
login                        GET POST  +       h     h         h    h       h      h       h      h       h        h
logout                       POST      +       +     +         +    +       +      +       +      +       +        +
password                     GET POST  >       +     +         +    +       +      +       +      +       +        +
choose-role                  GET POST  >       +     +         +    +       +      +       +      +       +        +
regulation                   GET       +       +     +         +    +       +      +       +      +       +        +
verify                       GET POST  +       +     +         +    +       +      +       +      +       +        +
verify-code                  GET       +       +     +         +    +       +      +       +      +       +        +
file                         GET       0       0     +         +    +       +      +       +      0       0        0
human-check                  GET       +       +     +         +    +       +      +       +      +       +        +
calendar                     GET POST  >       x     x         x    x       x      +       x      x       x        x
base-list                    GET       >       x     +         +    +       x      +       +      x       x        x
base                         GET       >       x     +         +    +       x      +       +      x       x        x
act                          GET POST  >       x     +         +    +       x      0       0      x       x        x
hand-over                    GET POST  >       x     x         +    x       x      x       x      x       x        x
document-list                GET       >       x     x         +    x       x      +       +      x       x        x
document-new                 GET POST  >       x     x         +    x       x      +       x      x       x        x
document                     GET       >       x     +         +    +       x      +       +      x       x        x
document-pdf-state           GET       >       x     +         +    +       x      +       +      x       x        x
document-pdf-again           POST      >       x     x         +    x       x      +       x      x       x        x
document-scan                POST      >       x     x         +    x       x      +       x      x       x        x
document-withdraw            GET POST  >       x     x         +    x       x      +       x      x       x        x
text-list                    GET       >       x     x         +    x       x      +       x      x       x        x
text-edit                    GET POST  >       x     x         +    x       x      +       x      x       x        x
text-version                 GET       >       x     x         +    x       x      +       x      x       x        x
catalogue                    GET       +       +     +         +    +       +      +       +      +       +        +
own-unit                     GET       >       x     +         +    x       x      x       x      x       x        x
partners                     GET       >       x     +         +    x       x      +       +      x       +        x
new-partner                  GET POST  >       x     +         +    x       x      +       x      x       x        x
organisations                GET POST  >       x     x         x    x       x      x       x      x       +        x
department                   GET POST  >       x     x         x    x       x      x       x      x       +        x
training-unit                GET POST  >       x     x         x    x       x      x       x      x       +        x
remove-authorisation         POST      >       x     x         x    x       x      x       x      x       +        x
authorisations-import        GET POST  >       x     x         x    x       x      x       x      x       +        x
authorisations-template      GET       >       x     x         x    x       x      x       x      x       +        x
authorisations-check         GET POST  >       x     x         x    x       x      x       x      x       +        x
unit-authorisations-import   GET POST  >       x     x         x    x       x      x       x      x       +        x
unit-authorisations-template GET       >       x     x         x    x       x      x       x      x       +        x
accounts                     GET POST  >       x     x         x    x       x      x       x      x       +        x
memberships                  GET POST  >       x     x         x    x       x      x       x      x       x        +
withdraw-membership          GET POST  >       x     x         x    x       x      x       x      x       x        +
policies                     GET POST  >       x     x         x    x       x      x       x      x       x        +
history                      GET POST  >       x     x         x    x       x      x       x      +       x        x
public-bases                 GET       +       +     +         +    +       +      +       +      +       +        +
public-base                  GET       +       +     +         +    +       +      +       +      +       +        +
public-statistics            GET       +       +     +         +    +       +      +       +      +       +        +
public-data                  GET       +       +     +         +    +       +      +       +      +       +        +
public-bases-json            GET       +       +     +         +    +       +      +       +      +       +        +
public-notices-json          GET       +       +     +         +    +       +      +       +      +       +        +
public-statistics-json       GET       +       +     +         +    +       +      +       +      +       +        +
public-notices-feed          GET       +       +     +         +    +       +      +       +      +       +        +
sitemap                      GET       +       +     +         +    +       +      +       +      +       +        +
robots                       GET       +       +     +         +    +       +      +       +      +       +        +
training                     GET       >       x     +         +    +       x      +       +      x       x        x
funds                        GET       >       x     +         +    x       x      +       +      x       x        x
funds-excel                  GET       >       x     +         +    x       x      +       +      x       x        x
account                      GET       >       x     +         +    +       x      +       +      x       x        x
account-excel                GET       >       x     +         +    +       x      +       +      x       x        x
account-statement            POST      >       x     +         +    +       x      +       +      x       x        x
statement                    GET       >       x     +         +    +       x      +       +      x       x        x
statement-state              GET       >       x     +         +    +       x      +       +      x       x        x
statement-again              POST      >       x     +         +    +       x      +       +      x       x        x
expense                      GET       >       x     +         +    +       x      +       +      x       x        x
expense-approve              POST      >       x     x         +    x       x      x       x      x       x        x
expense-reject               POST      >       x     x         +    x       x      x       x      x       x        x
expense-withdraw             POST      >       x     +         +    x       x      x       x      x       x        x
expense-reverse              GET POST  >       x     x         +    x       x      x       x      x       x        x
contribution-reverse         GET POST  >       x     x         +    +       x      x       x      x       x        x
base-funds                   GET       >       x     +         +    +       x      +       +      x       x        x
base-expenses                GET       >       x     +         +    +       x      +       +      x       x        x
base-expenses-excel          GET       >       x     +         +    +       x      +       +      x       x        x
expense-new                  GET POST  >       x     +         +    x       x      x       x      x       x        x
base-contributions           GET       >       x     +         +    +       x      +       +      x       x        x
contribution-new             GET POST  >       x     x         +    +       x      x       x      x       x        x
base-plan                    GET POST  >       x     x         +    +       x      x       x      x       x        x
base-agreements              GET       >       x     +         +    +       x      +       +      x       x        x
agreement-new                GET POST  >       x     x         +    x       x      x       x      x       x        x
agreement-compare            GET       >       x     +         +    +       x      +       +      x       x        x
agreement                    GET       >       x     +         +    +       x      +       +      x       x        x
agreement-edit               GET POST  >       x     x         +    x       x      x       x      x       x        x
agreement-autosave           POST      >       x     x         +    x       x      x       x      x       x        x
agreement-pdf-state          GET       >       x     +         +    +       x      +       +      x       x        x
agreement-pdf-again          POST      >       x     x         +    +       x      x       x      x       x        x
agreement-act                GET POST  >       x     x         +    +       x      x       x      x       x        x
student-list                 GET       >       x     x         +    x       x      x       x      x       x        x
student-new                  GET POST  >       x     x         +    x       x      x       x      x       x        x
student-import               GET POST  >       x     x         +    x       x      x       x      x       x        x
student-template             GET       >       x     x         +    x       x      x       x      x       x        x
student-import-check         GET POST  >       x     x         +    x       x      x       x      x       x        x
student                      GET POST  >       x     x         +    x       x      x       x      x       x        x
base-posts                   GET       >       x     +         +    +       x      +       +      x       x        x
post-new                     GET POST  >       x     x         x    +       x      x       x      x       x        x
post-edit                    GET POST  >       x     x         x    +       x      x       x      x       x        x
post-close                   GET POST  >       x     x         x    +       x      x       x      x       x        x
post-select                  GET POST  >       x     x         +    x       x      x       x      x       x        x
base-placements              GET       >       x     +         +    +       x      +       +      x       x        x
placement-excel              GET       >       x     +         +    +       x      +       +      x       x        x
placement-act                GET POST  >       x     x         +    +       x      x       x      x       x        x
placement                    GET       >       x     +         +    +       x      +       +      x       x        x
months                       GET       >       x     +         +    +       x      +       +      x       x        x
month-flags                  GET       >       x     +         +    +       x      +       +      x       x        x
months-template              GET       >       x     x         x    +       x      x       x      x       x        x
months-import                GET POST  >       x     x         x    +       x      x       x      x       x        x
months-import-check          GET POST  >       x     x         x    +       x      x       x      x       x        x
base-months                  GET       >       x     +         +    +       x      +       +      x       x        x
month                        GET POST  >       x     r         r    +       x      r       r      x       x        x
month-rows                   POST      >       x     x         x    +       x      x       x      x       x        x
month-voucher                GET POST  >       x     x         x    +       x      x       x      x       x        x
month-close                  GET POST  >       x     x         x    +       x      x       x      x       x        x
month-correct                GET POST  >       x     x         x    +       x      x       x      x       x        x
month-review                 POST      >       x     x         +    x       x      +       x      x       x        x
stipend-links                GET POST  >       x     x         +    +       x      x       x      x       x        x
stipend-link-withdraw        GET POST  >       x     x         +    +       x      x       x      x       x        x
stipend-denial               GET POST  >       x     +         +    +       x      +       +      x       x        x
stipends                     GET POST  +       +     +         +    +       +      +       +      +       +        +
base-committee               GET       >       x       +         +    +       x       +       +       x       x        x
committee-term               GET POST  >       x       x         +    +       x       x       x       x       x        x
committee-meeting            GET POST  >       x       x         +    +       x       x       x       x       x        x
committee-office             GET POST  >       x       x         x    +       x       x       x       x       x        x
base-rule                    GET POST  >       x       x         +    +       x       x       x       x       x        x
committee-member             GET POST  >       x       x         +    +       x       x       x       x       x        x
committee-confirm            GET POST  >       x       x         +    +       x       x       x       x       x        x
committee-member-leave       GET POST  >       x       x         +    +       x       x       x       x       x        x
committee-meeting-withdraw   GET POST  >       x       x         +    +       x       x       x       x       x        x
base-rule-version            GET POST  >       x       x         +    +       x       x       x       x       x        x
base-rule-repeal             GET POST  >       x       x         +    +       x       x       x       x       x        x
base-mentors                 GET       >       x       +         +    +       x       +       +       x       x        x
mentor-nominate              GET POST  >       x       x         x    +       x       x       x       x       x        x
mentor-name                  GET POST  >       x       x         +    x       x       x       x       x       x        x
mentor-appoint               GET POST  >       x       x         +    x       x       x       x       x       x        x
mentor-appraise              GET POST  >       x       x         +    x       x       x       x       x       x        x
mentor-training              GET POST  >       x       x         +    x       x       x       x       x       x        x
mentor-training-withdraw     GET POST  >       x       x         +    x       x       x       x       x       x        x
mentor-list                  GET       >       x       +         +    +       x       +       +       x       x        x
mentor-export                GET       >       x       +         +    +       x       +       +       x       x        x
mentor                       GET       >       x       +         +    +       x       +       +       x       x        x
mentor-edit                  GET POST  >       x       x         +    +       x       x       x       x       x        x
appointment-act              GET POST  >       x       x         +    +       x       x       x       x       x        x
base-certificates            GET       >       x     +         +    +       x      +       +      x       x        x
certificate-write            GET POST  >       x     x         x    +       x      x       x      x       x        x
certificate-issue            GET POST  >       x     x         x    +       x      x       x      x       x        x
certificate                  GET       >       x     +         +    +       x      +       +      x       x        x
certificate-state            GET       >       x     +         +    +       x      +       +      x       x        x
certificate-again            POST      >       x     +         +    +       x      +       +      x       x        x
certificate-withdraw         GET POST  >       x     x         x    +       x      x       x      x       x        x
base-remuneration            GET       >       x     +         +    +       x      +       +      x       x        x
remuneration-excel           GET       >       x     +         +    +       x      +       +      x       x        x
remuneration-new             GET POST  >       x     x         +    x       x      x       x      x       x        x
remuneration-reverse         GET POST  >       x     x         +    x       x      x       x      x       x        x
base-results                 GET       >       x       +         +    +       x       +       +       x       x        x
base-results-excel           GET       >       x       +         +    +       x       +       +       x       x        x
result-new                   GET POST  >       x       x         +    +       x       x       x       x       x        x
result                       GET       >       x       +         +    +       x       +       +       x       x        x
result-edit                  GET POST  >       x       x         +    +       x       x       x       x       x        x
result-act                   GET POST  >       x       x         +    +       x       x       x       x       x        x
base-projects                GET       >       x       +         +    +       x       +       +       x       x        x
project-new                  GET POST  >       x       x         +    +       x       x       x       x       x        x
project                      GET       >       x       +         +    +       x       +       +       x       x        x
project-edit                 GET POST  >       x       x         +    +       x       x       x       x       x        x
project-end                  GET POST  >       x       x         +    +       x       x       x       x       x        x
base-topics                  GET       >       x       +         +    +       x       +       +       x       x        x
topic-new                    GET POST  >       x       x         +    x       x       x       x       x       x        x
topic                        GET       >       x       +         +    +       x       +       +       x       x        x
topic-edit                   GET POST  >       x       x         +    x       x       x       x       x       x        x
topic-act                    GET POST  >       x       x         +    +       x       x       x       x       x        x
base-publications            GET       >       x       +         +    +       x       +       +       x       x        x
publication-new              GET POST  >       x       x         +    +       x       x       x       x       x        x
publication                  GET       >       x       +         +    +       x       +       +       x       x        x
publication-act              GET POST  >       x       x         +    +       x       x       x       x       x        x
base-exchanges               GET       >       x       +         +    +       x       +       +       x       x        x
exchange-new                 GET POST  >       x       x         +    +       x       x       x       x       x        x
exchange-withdraw            GET POST  >       x       x         +    +       x       x       x       x       x        x
result-list                  GET       >       x       +         +    +       x       +       +       x       x        x
result-export                GET       >       x       +         +    +       x       +       +       x       x        x
round-list                   GET       >       x     +         +    x       x      +       +      x       x        x
round-new                    GET POST  >       x     x         x    x       x      +       x      x       x        x
round                        GET POST  >       x     r         +    x       x      r       r      x       x        x
round-extend                 GET POST  >       x     x         x    x       x      +       x      x       x        x
quota-list                   GET POST  >       x     x         x    x       x      +       x      x       x        x
quota-override               GET POST  >       x     x         x    x       x      +       x      x       x        x
quota-publish                GET POST  >       x     x         x    x       x      +       x      x       x        x
quota-supplement             GET POST  >       x     x         x    x       x      +       x      x       x        x
unit-facts                   GET POST  >       x     x         x    x       x      +       x      x       x        x
unit-facts-template          GET       >       x     x         x    x       x      +       x      x       x        x
unit-facts-import            POST      >       x     x         x    x       x      +       x      x       x        x
unit-facts-check             GET POST  >       x     x         x    x       x      +       x      x       x        x
round-ranking                GET       >       x     x         x    x       x      +       +      x       x        x
ranking-cutoff               POST      >       x     x         x    x       x      +       x      x       x        x
ranking-refer                POST      >       x     x         x    x       x      +       x      x       x        x
ranking-adopt                GET POST  >       x     x         x    x       x      +       x      x       x        x
ranking-excel                GET       >       x     x         x    x       x      +       +      x       x        x
ranking-csv                  GET       >       x     x         x    x       x      +       +      x       x        x
ranking-change               GET POST  >       x     x         x    x       x      +       x      x       x        x
preliminary-list             GET       >       x     x         x    x       x      +       +      x       x        x
application-new              GET POST  >       x     +         x    x       x      x       x      x       x        x
application-edit             GET       >       x     +         x    x       x      x       x      x       x        x
application-colleagues       GET POST  >       x     +         x    x       x      x       x      x       x        x
application-preview          GET       >       x     +         +    +       x      +       +      x       x        x
application-versions         GET       >       x     +         +    x       x      +       +      x       x        x
application-print            GET POST  >       x     +         +    x       x      +       +      x       x        x
application-print-state      GET       >       x     +         +    x       x      +       +      x       x        x
application-section          GET POST  >       x     +         x    x       x      x       x      x       x        x
application-autosave         POST      >       x     +         x    x       x      x       x      x       x        x
application-presence         POST      >       x     +         x    x       x      x       x      x       x        x
application-roster           GET       >       x     +         x    x       x      x       x      x       x        x
roster-template              GET       >       x     +         x    x       x      x       x      x       x        x
roster-export                GET       >       x     +         x    x       x      x       x      x       x        x
roster-check                 POST      >       x     +         x    x       x      x       x      x       x        x
roster-import                GET       >       x     +         x    x       x      x       x      x       x        x
roster-apply                 POST      >       x     +         x    x       x      x       x      x       x        x
roster-student-add           GET POST  >       x     +         x    x       x      x       x      x       x        x
roster-student               GET POST  >       x     +         x    x       x      x       x      x       x        x
roster-student-remove        POST      >       x     +         x    x       x      x       x      x       x        x
application-attachments      GET       >       x     +         x    x       x      x       x      x       x        x
attachment-upload            POST      >       x     +         x    x       x      x       x      x       x        x
attachment-remove            POST      >       x     +         x    x       x      x       x      x       x        x
attachment-history           GET       >       x     +         x    x       x      x       x      x       x        x
application-review           GET POST  >       x     x         +    x       x      x       x      x       x        x
round-applications           GET       >       x     x         x    x       x      +       +      x       x        x
round-letters                GET POST  >       x     x         x    x       x      +       r      x       x        x
round-left-out               GET POST  >       x     x         x    x       x      +       x      x       x        x
round-review                 GET       >       x     x         x    x       x      +       +      x       x        x
round-review-experts         GET       >       x     x         x    x       x      +       +      x       x        x
round-review-export          GET       >       x     x         x    x       x      +       +      x       x        x
round-plan                   GET       >       x     x         x    x       x      +       +      x       x        x
round-plan-state             GET       >       x     x         x    x       x      +       +      x       x        x
round-review-start           GET POST  >       x     x         x    x       x      +       x      x       x        x
round-sheets-due             GET POST  >       x     x         x    x       x      +       x      x       x        x
round-propose                GET POST  >       x     x         x    x       x      +       x      x       x        x
round-plan-apply             GET POST  >       x     x         x    x       x      +       x      x       x        x
round-plan-discard           GET POST  >       x     x         x    x       x      +       x      x       x        x
round-plan-change            GET POST  >       x     x         x    x       x      +       x      x       x        x
round-meetings               GET       >       x     x         x    x       x      +      +      x       x        x
meeting-new                  GET POST  >       x     x         x    x       x      +      x      x       x        x
meeting                      GET       >       x     x         x    x       x      +      +      x       x        x
meeting-edit                 GET POST  >       x     x         x    x       x      +      x      x       x        x
meeting-discard              GET POST  >       x     x         x    x       x      +      x      x       x        x
meeting-conclude             GET POST  >       x     x         x    x       x      +      x      x       x        x
meeting-papers-state         GET       >       x     x         x    x       x      +      +      x       x        x
meeting-summary              GET       >       x     x         x    x       x      +      +      x       x        x
meeting-scan                 POST      >       x     x         x    x       x      +      x      x       x        x
meeting-members              GET POST  >       x     x         x    x       x      +      x      x       x        x
meeting-members-add          POST      >       x     x         x    x       x      +      x      x       x        x
meeting-members-copy         POST      >       x     x         x    x       x      +      x      x       x        x
meeting-items                GET POST  >       x     x         x    x       x      +      x      x       x        x
meeting-votes                GET POST  >       x     x         x    x       x      +      x      x       x        x
meeting-item-autosave        POST      >       x     x         x    x       x      +      x      x       x        x
meeting-recused              GET POST  >       x     x         x    x       x      +      x      x       x        x
recommendation-list          GET POST  >       x     x         +    x       x      x       x      x       x        x
recommendation-report        GET POST  >       x     x         +    x       x      x       x      x       x        x
recommendation               GET       >       x     +         +    x       x      +       +      x       x        x
recommendation-files         GET       >       x     +         +    x       x      +       +      x       x        x
desk-notices                 GET       >       x     x         +    x       x      +       +      x       x        x
notice-new                   GET POST  >       x     x         +    x       x      +       x      x       x        x
desk-notice                  GET       >       x     x         +    x       x      +       +      x       x        x
notice-edit                  GET POST  >       x     x         +    x       x      +       x      x       x        x
notice-autosave              POST      >       x     x         +    x       x      +       x      x       x        x
notice-discard               GET POST  >       x     x         +    x       x      +       x      x       x        x
notice-submit                GET POST  >       x     x         x    x       x      +       x      x       x        x
notice-return                GET POST  >       x     x         x    x       x      x       +      x       x        x
notice-publish               GET POST  >       x     x         +    x       x      x       +      x       x        x
notice-withdraw              GET POST  >       x     x         +    x       x      x       +      x       x        x
notice-conclude              GET POST  >       x     x         +    x       x      +       x      x       x        x
public-notices               GET       +       +     +         +    +       +      +       +      +       +        +
public-notice                GET       +       +     +         +    +       +      +       +      +       +        +
notice-pdf-state             GET       +       +     +         +    +       +      +       +      +       +        +
objection-new                GET POST  +       +     +         +    +       +      +       +      +       +        +
objection-status             GET POST  +       +     +         +    +       +      +       +      +       +        +
objection-filed              GET       +       +     +         +    +       +      +       +      +       +        +
objection-answer             POST      +       +     +         +    +       +      +       +      +       +        +
objection-list               GET       >       x     x         +    x       x      +       +      x       x        x
objection-letter             GET POST  >       x     x         +    x       x      +       x      x       x        x
objection-handle             GET       >       x     x         +    x       x      +       +      x       x        x
objection-identity           POST      >       x     x         +    x       x      +       x      x       x        x
objection-act                GET POST  >       x     x         +    x       x      +       x      x       x        x
objection-looks              GET       >       x     x         x    x       x      x       x      +       x        x
recognition-document         GET POST  >       x     x         x    x       x      +       x      x       x        x
application-avoid            GET POST  >       x     +         x    x       x      x       x      x       x        x
review-declare               GET POST  >       x     x         x    x       +      x       x      x       x        x
assignment-release           GET POST  >       x     x         x    x       x      +       x      x       x        x
assignment-conflict          GET POST  >       x     x         x    x       x      +       x      x       x        x
assignment-restore           GET POST  >       x     x         x    x       x      +       x      x       x        x
panel-go-on                  GET POST  >       x     x         x    x       x      +       x      x       x        x
sheet-list                   GET       >       x     x         x    x       +      x       x      x       x        x
sheet                        GET POST  >       x     x         x    x       +      x       x      x       x        x
sheet-autosave               POST      >       x     x         x    x       +      x       x      x       x        x
sheet-submit                 GET POST  >       x     x         x    x       +      x       x      x       x        x
sheet-recuse                 GET POST  >       x     x         x    x       +      x       x      x       x        x
expert-list                  GET       >       x     x         x    x       x      +       +      x       x        x
expert-export                GET       >       x     x         x    x       x      +       +      x       x        x
expert-new                   GET POST  >       x     x         x    x       x      +       x      x       x        x
expert-import                GET POST  >       x     x         x    x       x      +       x      x       x        x
expert-import-template       GET       >       x     x         x    x       x      +       x      x       x        x
expert-import-check          GET POST  >       x     x         x    x       x      +       x      x       x        x
expert-invite-many           GET POST  >       x     x         x    x       x      +       x      x       x        x
expert                       GET       >       x     x         x    x       x      +       +      x       x        x
expert-edit                  GET POST  >       x     x         x    x       x      +       x      x       x        x
expert-remove                GET POST  >       x     x         x    x       x      +       x      x       x        x
expert-take-back             GET POST  >       x     x         x    x       x      +       x      x       x        x
expert-link                  GET POST  >       x     x         x    x       x      +       x      x       x        x
expert-invite                GET POST  >       x     x         x    x       x      +       x      x       x        x
expert-invitation-withdraw   GET POST  >       x     x         x    x       x      +       x      x       x        x
expert-absence               GET POST  >       x     x         x    x       x      +       x      x       x        x
expert-absence-remove        POST      >       x     x         x    x       x      +       x      x       x        x
expert-relation              GET POST  >       x     x         x    x       x      +       x      x       x        x
expert-relation-end          GET POST  >       x     x         x    x       x      +       x      x       x        x
expert-me                    GET POST  >       x     x         x    x       +      x       x      x       x        x
own-absence                  GET POST  >       x     x         x    x       +      x       x      x       x        x
own-absence-remove           POST      >       x     x         x    x       +      x       x      x       x        x
own-relation                 GET POST  >       x     x         x    x       +      x       x      x       x        x
invitation                   GET POST  +       +     +         +    +       +      +       +      +       +        +
sheet-unlock                 GET POST  >       x     x         x    x       x      +       x      x       x        x
rubric-list                  GET       >       x     x         x    x       x      +       +      x       x        x
rubric-new                   POST      >       x     x         x    x       x      +       x      x       x        x
rubric                       GET       >       x     x         x    x       x      +       +      x       x        x
rubric-edit                  GET POST  >       x     x         x    x       x      +       x      x       x        x
rubric-put-in-force          GET POST  >       x     x         x    x       x      x       +      x       x        x
rubric-discard               GET POST  >       x     x         x    x       x      +       x      x       x        x
"""
# The same addresses with what belongs to another unit, partner, expert or office, to a draft that was never sent, or to nothing.
FOREIGN = """
verify-code                  GET       +       +     +         +    +       +      +       +      +       +        +
file                         GET       0       0     0         0    0       0      0       0      0       0        0
base                         GET       >       x     0         0    0       x      0       0      x       x        x
act                          GET POST  >       x     0         0    0       x      0       0      x       x        x
hand-over                    GET POST  >       x     x         0    x       x      x       x      x       x        x
base-agreements              GET       >       x     0         0    0       x      0       0      x       x        x
agreement-new                GET POST  >       x     x         0    x       x      x       x      x       x        x
agreement-compare            GET       >       x     0         0    0       x      0       0      x       x        x
agreement                    GET       >       x     0         0    0       x      0       0      x       x        x
agreement-edit               GET POST  >       x     x         0    x       x      x       x      x       x        x
agreement-autosave           POST      >       x     x         0    x       x      x       x      x       x        x
agreement-pdf-state          GET       >       x     0         0    0       x      0       0      x       x        x
agreement-pdf-again          POST      >       x     x         0    0       x      x       x      x       x        x
agreement-act                GET POST  >       x     x         0    0       x      x       x      x       x        x
document                     GET       >       x     0         0    0       x      0       0      x       x        x
document-pdf-state           GET       >       x     0         0    0       x      0       0      x       x        x
document-pdf-again           POST      >       x     x         0    x       x      0       x      x       x        x
document-scan                POST      >       x     x         0    x       x      0       x      x       x        x
document-withdraw            GET POST  >       x     x         0    x       x      0       x      x       x        x
text-edit                    GET POST  >       x     x         0    x       x      0       x      x       x        x
text-version                 GET       >       x     x         0    x       x      0       x      x       x        x
training-unit                GET POST  >       x     x         x    x       x      x       x      x       0        x
remove-authorisation         POST      >       x     x         x    x       x      x       x      x       0        x
authorisations-check         GET POST  >       x     x         x    x       x      x       x      x       0        x
unit-authorisations-import   GET POST  >       x     x         x    x       x      x       x      x       0        x
unit-authorisations-template GET       >       x     x         x    x       x      x       x      x       0        x
withdraw-membership          GET POST  >       x     x         x    x       x      x       x      x       x        0
public-base                  GET       0       0     0         0    0       0      0       0      0       0        0
account                      GET       >       x     0         0    0       x      0       0      x       x        x
account-excel                GET       >       x     0         0    0       x      0       0      x       x        x
account-statement            POST      >       x     0         0    0       x      0       0      x       x        x
statement                    GET       >       x     0         0    0       x      0       0      x       x        x
statement-state              GET       >       x     0         0    0       x      0       0      x       x        x
statement-again              POST      >       x     0         0    0       x      0       0      x       x        x
expense                      GET       >       x     0         0    0       x      0       0      x       x        x
expense-approve              POST      >       x     x         0    x       x      x       x      x       x        x
expense-reject               POST      >       x     x         0    x       x      x       x      x       x        x
expense-withdraw             POST      >       x     0         0    x       x      x       x      x       x        x
expense-reverse              GET POST  >       x     x         0    x       x      x       x      x       x        x
contribution-reverse         GET POST  >       x     x         0    0       x      x       x      x       x        x
base-funds                   GET       >       x     0         0    0       x      0       0      x       x        x
base-expenses                GET       >       x     0         0    0       x      0       0      x       x        x
base-expenses-excel          GET       >       x     0         0    0       x      0       0      x       x        x
expense-new                  GET POST  >       x     0         0    x       x      x       x      x       x        x
base-contributions           GET       >       x     0         0    0       x      0       0      x       x        x
contribution-new             GET POST  >       x     x         0    0       x      x       x      x       x        x
base-plan                    GET POST  >       x     x         0    0       x      x       x      x       x        x
student-import-check         GET POST  >       x     x         0    x       x      x       x      x       x        x
student                      GET POST  >       x     x         0    x       x      x       x      x       x        x
base-posts                   GET       >       x     0         0    0       x      0       0      x       x        x
post-new                     GET POST  >       x     x         x    0       x      x       x      x       x        x
post-edit                    GET POST  >       x     x         x    0       x      x       x      x       x        x
post-close                   GET POST  >       x     x         x    0       x      x       x      x       x        x
post-select                  GET POST  >       x     x         0    x       x      x       x      x       x        x
base-placements              GET       >       x     0         0    0       x      0       0      x       x        x
placement-excel              GET       >       x     0         0    0       x      0       0      x       x        x
placement-act                GET POST  >       x     x         0    0       x      x       x      x       x        x
placement                    GET       >       x     0         0    0       x      0       0      x       x        x
base-committee               GET       >       x       0         0    0       x       0       0       x       x        x
committee-term               GET POST  >       x       x         0    0       x       x       x       x       x        x
committee-meeting            GET POST  >       x       x         0    0       x       x       x       x       x        x
committee-office             GET POST  >       x       x         x    0       x       x       x       x       x        x
base-rule                    GET POST  >       x       x         0    0       x       x       x       x       x        x
committee-member             GET POST  >       x       x         0    0       x       x       x       x       x        x
committee-confirm            GET POST  >       x       x         0    0       x       x       x       x       x        x
committee-member-leave       GET POST  >       x       x         0    0       x       x       x       x       x        x
committee-meeting-withdraw   GET POST  >       x       x         0    0       x       x       x       x       x        x
base-rule-version            GET POST  >       x       x         0    0       x       x       x       x       x        x
base-rule-repeal             GET POST  >       x       x         0    0       x       x       x       x       x        x
base-mentors                 GET       >       x       0         0    0       x       0       0       x       x        x
mentor-nominate              GET POST  >       x       x         x    0       x       x       x       x       x        x
mentor-name                  GET POST  >       x       x         0    x       x       x       x       x       x        x
mentor-appoint               GET POST  >       x       x         0    x       x       x       x       x       x        x
mentor-appraise              GET POST  >       x       x         0    x       x       x       x       x       x        x
mentor-training              GET POST  >       x       x         0    x       x       x       x       x       x        x
mentor-training-withdraw     GET POST  >       x       x         0    x       x       x       x       x       x        x
mentor                       GET       >       x       0         0    0       x       0       0       x       x        x
mentor-edit                  GET POST  >       x       x         0    0       x       x       x       x       x        x
appointment-act              GET POST  >       x       x         0    0       x       x       x       x       x        x
base-certificates            GET       >       x     0         0    0       x      0       0      x       x        x
certificate-write            GET POST  >       x     x         x    0       x      x       x      x       x        x
certificate-issue            GET POST  >       x     x         x    0       x      x       x      x       x        x
certificate                  GET       >       x     0         0    0       x      0       0      x       x        x
certificate-state            GET       >       x     0         0    0       x      0       0      x       x        x
certificate-again            POST      >       x     0         0    0       x      0       0      x       x        x
certificate-withdraw         GET POST  >       x     x         x    0       x      x       x      x       x        x
base-remuneration            GET       >       x     0         0    0       x      0       0      x       x        x
remuneration-excel           GET       >       x     0         0    0       x      0       0      x       x        x
remuneration-new             GET POST  >       x     x         0    x       x      x       x      x       x        x
remuneration-reverse         GET POST  >       x     x         0    x       x      x       x      x       x        x
base-results                 GET       >       x       0         0    0       x       0       0       x       x        x
base-results-excel           GET       >       x       0         0    0       x       0       0       x       x        x
result-new                   GET POST  >       x       x         0    0       x       x       x       x       x        x
result                       GET       >       x       0         0    0       x       0       0       x       x        x
result-edit                  GET POST  >       x       x         0    0       x       x       x       x       x        x
result-act                   GET POST  >       x       x         0    0       x       x       x       x       x        x
base-projects                GET       >       x       0         0    0       x       0       0       x       x        x
project-new                  GET POST  >       x       x         0    0       x       x       x       x       x        x
project                      GET       >       x       0         0    0       x       0       0       x       x        x
project-edit                 GET POST  >       x       x         0    0       x       x       x       x       x        x
project-end                  GET POST  >       x       x         0    0       x       x       x       x       x        x
base-topics                  GET       >       x       0         0    0       x       0       0       x       x        x
topic-new                    GET POST  >       x       x         0    x       x       x       x       x       x        x
topic                        GET       >       x       0         0    0       x       0       0       x       x        x
topic-edit                   GET POST  >       x       x         0    x       x       x       x       x       x        x
topic-act                    GET POST  >       x       x         0    0       x       x       x       x       x        x
base-publications            GET       >       x       0         0    0       x       0       0       x       x        x
publication-new              GET POST  >       x       x         0    0       x       x       x       x       x        x
publication                  GET       >       x       0         0    0       x       0       0       x       x        x
publication-act              GET POST  >       x       x         0    0       x       x       x       x       x        x
base-exchanges               GET       >       x       0         0    0       x       0       0       x       x        x
exchange-new                 GET POST  >       x       x         0    0       x       x       x       x       x        x
exchange-withdraw            GET POST  >       x       x         0    0       x       x       x       x       x        x
round                        GET POST  >       x     0         0    x       x      0       0      x       x        x
round-extend                 GET POST  >       x     x         x    x       x      0       x      x       x        x
quota-list                   GET POST  >       x     x         x    x       x      0       x      x       x        x
quota-override               GET POST  >       x     x         x    x       x      0       x      x       x        x
quota-publish                GET POST  >       x     x         x    x       x      0       x      x       x        x
quota-supplement             GET POST  >       x     x         x    x       x      0       x      x       x        x
unit-facts                   GET POST  >       x     x         x    x       x      0       x      x       x        x
unit-facts-template          GET       >       x     x         x    x       x      0       x      x       x        x
unit-facts-import            POST      >       x     x         x    x       x      0       x      x       x        x
unit-facts-check             GET POST  >       x     x         x    x       x      0       x      x       x        x
round-ranking                GET       >       x     x         x    x       x      0       0      x       x        x
ranking-cutoff               POST      >       x     x         x    x       x      0       x      x       x        x
ranking-refer                POST      >       x     x         x    x       x      0       x      x       x        x
ranking-adopt                GET POST  >       x     x         x    x       x      0       x      x       x        x
ranking-excel                GET       >       x     x         x    x       x      0       0      x       x        x
ranking-csv                  GET       >       x     x         x    x       x      0       0      x       x        x
ranking-change               GET POST  >       x     x         x    x       x      0       x      x       x        x
preliminary-list             GET       >       x     x         x    x       x      0       0      x       x        x
application-edit             GET       >       x     0         x    x       x      x       x      x       x        x
application-colleagues       GET POST  >       x     0         x    x       x      x       x      x       x        x
application-preview          GET       >       x     0         0    0       x      0       0      x       x        x
application-versions         GET       >       x     0         0    x       x      0       0      x       x        x
application-print            GET POST  >       x     0         0    x       x      0       0      x       x        x
application-print-state      GET       >       x     0         0    x       x      0       0      x       x        x
application-section          GET POST  >       x     0         x    x       x      x       x      x       x        x
application-autosave         POST      >       x     0         x    x       x      x       x      x       x        x
application-presence         POST      >       x     0         x    x       x      x       x      x       x        x
application-roster           GET       >       x     0         x    x       x      x       x      x       x        x
roster-template              GET       >       x     0         x    x       x      x       x      x       x        x
roster-export                GET       >       x     0         x    x       x      x       x      x       x        x
roster-check                 POST      >       x     0         x    x       x      x       x      x       x        x
roster-import                GET       >       x     0         x    x       x      x       x      x       x        x
roster-apply                 POST      >       x     0         x    x       x      x       x      x       x        x
roster-student-add           GET POST  >       x     0         x    x       x      x       x      x       x        x
roster-student               GET POST  >       x     0         x    x       x      x       x      x       x        x
roster-student-remove        POST      >       x     0         x    x       x      x       x      x       x        x
application-attachments      GET       >       x     0         x    x       x      x       x      x       x        x
attachment-upload            POST      >       x     0         x    x       x      x       x      x       x        x
attachment-remove            POST      >       x     0         x    x       x      x       x      x       x        x
attachment-history           GET       >       x     0         x    x       x      x       x      x       x        x
application-review           GET POST  >       x     x         0    x       x      x       x      x       x        x
round-applications           GET       >       x     x         x    x       x      0       0      x       x        x
round-letters                GET POST  >       x     x         x    x       x      0       0      x       x        x
round-left-out               GET POST  >       x     x         x    x       x      0       x      x       x        x
round-review                 GET       >       x     x         x    x       x      0       0      x       x        x
round-review-experts         GET       >       x     x         x    x       x      0       0      x       x        x
round-review-export          GET       >       x     x         x    x       x      0       0      x       x        x
round-plan                   GET       >       x     x         x    x       x      0       0      x       x        x
round-plan-state             GET       >       x     x         x    x       x      0       0      x       x        x
round-review-start           GET POST  >       x     x         x    x       x      0       x      x       x        x
round-sheets-due             GET POST  >       x     x         x    x       x      0       x      x       x        x
round-propose                GET POST  >       x     x         x    x       x      0       x      x       x        x
round-plan-apply             GET POST  >       x     x         x    x       x      0       x      x       x        x
round-plan-discard           GET POST  >       x     x         x    x       x      0       x      x       x        x
round-plan-change            GET POST  >       x     x         x    x       x      0       x      x       x        x
round-meetings               GET       >       x     x         x    x       x      0      0      x       x        x
meeting-new                  GET POST  >       x     x         x    x       x      0      x      x       x        x
meeting                      GET       >       x     x         x    x       x      0      0      x       x        x
meeting-edit                 GET POST  >       x     x         x    x       x      0      x      x       x        x
meeting-discard              GET POST  >       x     x         x    x       x      0      x      x       x        x
meeting-conclude             GET POST  >       x     x         x    x       x      0      x      x       x        x
meeting-papers-state         GET       >       x     x         x    x       x      0      0      x       x        x
meeting-summary              GET       >       x     x         x    x       x      0      0      x       x        x
meeting-scan                 POST      >       x     x         x    x       x      0      x      x       x        x
meeting-members              GET POST  >       x     x         x    x       x      0      x      x       x        x
meeting-members-add          POST      >       x     x         x    x       x      0      x      x       x        x
meeting-members-copy         POST      >       x     x         x    x       x      0      x      x       x        x
meeting-items                GET POST  >       x     x         x    x       x      0      x      x       x        x
meeting-votes                GET POST  >       x     x         x    x       x      0      x      x       x        x
meeting-item-autosave        POST      >       x     x         x    x       x      0      x      x       x        x
meeting-recused              GET POST  >       x     x         x    x       x      0      x      x       x        x
recommendation               GET       >       x     0         0    x       x      0       0      x       x        x
recommendation-files         GET       >       x     0         0    x       x      0       0      x       x        x
desk-notice                  GET       >       x     x         0    x       x      0       0      x       x        x
notice-edit                  GET POST  >       x     x         0    x       x      0       x      x       x        x
notice-autosave              POST      >       x     x         0    x       x      0       x      x       x        x
notice-discard               GET POST  >       x     x         0    x       x      0       x      x       x        x
notice-submit                GET POST  >       x     x         x    x       x      0       x      x       x        x
notice-return                GET POST  >       x     x         x    x       x      x       0      x       x        x
notice-publish               GET POST  >       x     x         0    x       x      x       0      x       x        x
notice-withdraw              GET POST  >       x     x         0    x       x      x       0      x       x        x
notice-conclude              GET POST  >       x     x         0    x       x      0       x      x       x        x
public-notice                GET       0       0     0         0    0       0      0       0      0       0        0
notice-pdf-state             GET       0       0     0         0    0       0      0       0      0       0        0
objection-new                GET POST  0       0     0         0    0       0      0       0      0       0        0
objection-handle             GET       >       x     x         0    x       x      0       0      x       x        x
objection-identity           POST      >       x     x         0    x       x      0       x      x       x        x
objection-act                GET POST  >       x     x         0    x       x      0       x      x       x        x
application-avoid            GET POST  >       x     0         x    x       x      x       x      x       x        x
review-declare               GET POST  >       x     x         x    x       0      x       x      x       x        x
assignment-release           GET POST  >       x     x         x    x       x      0       x      x       x        x
assignment-conflict          GET POST  >       x     x         x    x       x      0       x      x       x        x
assignment-restore           GET POST  >       x     x         x    x       x      0       x      x       x        x
panel-go-on                  GET POST  >       x     x         x    x       x      0       x      x       x        x
sheet                        GET POST  >       x     x         x    x       0      x       x      x       x        x
sheet-autosave               POST      >       x     x         x    x       0      x       x      x       x        x
sheet-submit                 GET POST  >       x     x         x    x       0      x       x      x       x        x
sheet-recuse                 GET POST  >       x     x         x    x       0      x       x      x       x        x
expert-import-check          GET POST  >       x     x         x    x       x      0       x      x       x        x
expert                       GET       >       x     x         x    x       x      0       0      x       x        x
expert-edit                  GET POST  >       x     x         x    x       x      0       x      x       x        x
expert-remove                GET POST  >       x     x         x    x       x      0       x      x       x        x
expert-take-back             GET POST  >       x     x         x    x       x      0       x      x       x        x
expert-link                  GET POST  >       x     x         x    x       x      0       x      x       x        x
expert-invite                GET POST  >       x     x         x    x       x      0       x      x       x        x
expert-invitation-withdraw   GET POST  >       x     x         x    x       x      0       x      x       x        x
expert-absence               GET POST  >       x     x         x    x       x      0       x      x       x        x
expert-absence-remove        POST      >       x     x         x    x       x      0       x      x       x        x
expert-relation              GET POST  >       x     x         x    x       x      0       x      x       x        x
expert-relation-end          GET POST  >       x     x         x    x       x      0       x      x       x        x
own-absence-remove           POST      >       x     x         x    x       0      x       x      x       x        x
invitation                   GET POST  0       0     0         0    0       0      0       0      0       0        0
months-import-check          GET POST  >       x     x         x    0       x      x       x      x       x        x
base-months                  GET       >       x     0         0    0       x      0       0      x       x        x
month                        GET POST  >       x     0         0    0       x      0       0      x       x        x
month-rows                   POST      >       x     x         x    0       x      x       x      x       x        x
month-voucher                GET POST  >       x     x         x    0       x      x       x      x       x        x
month-close                  GET POST  >       x     x         x    0       x      x       x      x       x        x
month-correct                GET POST  >       x     x         x    0       x      x       x      x       x        x
month-review                 POST      >       x     x         0    x       x      0       x      x       x        x
stipend-links                GET POST  >       x     x         0    0       x      x       x      x       x        x
stipend-link-withdraw        GET POST  >       x     x         0    0       x      x       x      x       x        x
stipend-denial               GET POST  >       x     0         0    0       x      0       0      x       x        x
stipends                     GET POST  0       0     0         0    0       0      0       0      0       0        0
sheet-unlock                 GET POST  >       x     x         x    x       x      0       x      x       x        x
rubric-new                   POST      >       x     x         x    x       x      0       x      x       x        x
rubric                       GET       >       x     x         x    x       x      0       0      x       x        x
rubric-edit                  GET POST  >       x     x         x    x       x      0       x      x       x        x
rubric-put-in-force          GET POST  >       x     x         x    x       x      x       0      x       x        x
rubric-discard               GET POST  >       x     x         x    x       x      0       x      x       x        x
"""
# Acts on a base, and whose they are.
ACTS = """
edit                        applicant
declare                     applicant
redeclare                   applicant
renew                       applicant
review                      unit_officer
publish-unit-notice         unit_officer
return                      unit_officer dept_officer
decline                     unit_officer
recommend                   unit_officer
assign-experts              dept_officer
open-review                 dept_officer
shortlist                   dept_officer
deliberate                  dept_officer
draft-recognition-notice    dept_officer
publish-recognition-notice  dept_leader
recognise                   dept_leader
reject                      dept_officer dept_leader
start-construction          dept_officer
revise-agreement            unit_officer
answer-agreement            partner_officer
check-signed-agreement      partner_officer
submit-report               applicant
assign-assessors            dept_officer
propose-grade               dept_officer
decide-grade                dept_leader
submit-plan                 applicant
notify-reassessment         dept_officer
make-certificate            dept_officer
report-incident             applicant unit_officer partner_officer
study-incident              dept_officer
revoke                      dept_leader
dismiss-proposal            dept_leader
request-withdrawal          unit_officer
file-withdrawal             dept_officer
"""
NOTHING = 999_999_999
NO_KEY = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Line:
    """One address: how it is sent, and what each column meets there."""

    name: str
    methods: tuple[str, ...]
    outcomes: tuple[str, ...]

    @property
    def open_roles(self) -> list[str]:
        """The roles that the page itself would name when it refuses: everybody whom it lets as far as its objects."""
        return [role for role, outcome in zip(COLUMNS.split(), self.outcomes, strict=True) if outcome not in "x>"]

    def met_by(self, method: str) -> str:
        """What the columns meet when they send it like this; p where the page says that it is not meant to be."""
        otherwise = {} if method in self.methods else {"+": "p", "0": "p", "h": "p"}
        otherwise |= {"r": "+"} if method == "GET" else {}
        return " ".join(otherwise.get(outcome, outcome) for outcome in self.outcomes)


def table(text: str) -> dict[str, Line]:
    lines = [line.split() for line in text.strip().splitlines()]
    width = len(COLUMNS.split())
    return {words[0]: Line(words[0], tuple(words[1:-width]), tuple(words[-width:])) for words in lines}


def flat(patterns: list[Any]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        else:
            yield from flat(pattern.url_patterns)


def test_every_address_of_the_portal_has_its_line() -> None:
    assert sorted(str(pattern.name) for pattern in flat(get_resolver().url_patterns)) == sorted(table(OWN))


def test_every_address_of_one_thing_has_its_line_about_what_belongs_to_others() -> None:
    """Also an act without a key, such as a page of one's own list, is not of one thing."""
    of_one = [str(pattern.name) for pattern in flat(get_resolver().url_patterns) if pattern.pattern.converters]
    assert sorted(of_one) == sorted(table(FOREIGN))


@dataclass
class Place:
    """A portal in full swing: something of one's own behind every address, and something of others."""

    world: World
    own: dict[str, list[Any]]
    foreign: dict[str, list[Any]]
    own_by_role: dict[tuple[str, str], list[Any]]
    foreign_by_role: dict[tuple[str, str], list[Any]]
    smuggled: dict[str, list[Any]]
    nobody: User = field(default_factory=UserFactory)
    clients: dict[str, Client] = field(default_factory=dict)

    def person(self, column: str) -> User | None:
        if column == "public":
            return None
        return self.nobody if column == "no_role" else self.world.everybody()[column].user

    def client(self, column: str) -> Client:
        """Somebody of that column, signed in once."""
        if column not in self.clients:
            self.clients[column] = Client()
            person = self.person(column)
            if person is not None:
                self.clients[column].force_login(person)
        return self.clients[column]

    def address(self, name: str, column: str, *, foreign: bool = False) -> str:
        by_role, by_name = (self.foreign_by_role, self.foreign) if foreign else (self.own_by_role, self.own)
        return reverse(name, args=by_role.get((name, column), by_name.get(name, [])))


@pytest.fixture(scope="module")
def _files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.fixture(autouse=True)
def _stored_files(settings: Any, _files: Path) -> None:
    settings.MEDIA_ROOT = _files


@pytest.fixture(scope="module")
def _settled(django_db_setup: None, django_db_blocker: Any, _files: Path) -> Iterator[Place]:
    changed = override_settings(
        DEMO=True, MEDIA_ROOT=_files, PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]
    )
    with changed, django_db_blocker.unblock(), transaction.atomic():
        clock.move_to(TODAY)
        yield settle(World.create(), TODAY)
        transaction.set_rollback(True)


@pytest.fixture
def place(_settled: Place, on_day: Any) -> Place:
    """The portal of all tests of this module; what a test does to it is undone, and everybody signs in anew."""
    return replace(deepcopy(_settled), clients={})


@pytest.fixture
def world(place: Place) -> World:
    """Those who live in it."""
    return place.world


def settle(world: World, today: date) -> Place:
    """Bring everything about that an address of the tables leads to."""
    living = world.constructing(today)
    world.revise_agreement(living, today)
    world.draft_agreement(living, today)
    placed, others_placed = (placing.placed(world, base, today) for base in (living, world.constructing(today)))
    in_review = world.in_review(today)
    draft = world.draft(today)
    declared = world.declared(today)
    of_unit = _objection(world.in_unit_notice(today), "recommendation", today)
    of_department = _objection(world.in_recognition_notice(today), "recognition", today)
    theirs = replace(
        world, unit=world.other_unit, partner=world.other_partner, applicant=world.other_applicant,
        unit_officer=world.other_unit_officer, partner_officer=world.other_partner_officer,
    )  # fmt: skip
    foreign, others_declared, others_recommended = (
        theirs.draft(today),
        theirs.declared(today),
        theirs.recommended(today),
    )
    world.declare_free(in_review.panels.get(), today)
    sheet, others_sheet = Assignment.objects.filter(panel__base=in_review).order_by("pk")[:2]
    assert sheet.expert == world.experts[0].user
    scan = ApplicationFile.objects.filter(application__base=living, kind="agreement").get().stored
    own, others = _parts(world, draft, today), _parts(theirs, foreign, today)
    round_, next_round = Round.objects.get(year=today.year), _round_without_quotas(world, today)
    quota, others_quota = (each.quotas.get(training_unit=world.unit) for each in (next_round, round_))
    facts, others_facts = (_facts_check(world, year) for year in (next_round.year, round_.year))
    list_ = authorisations.check_list(upload=_excel(authorisations.blank_list()), by=world.sysadmin)
    print_ = printing.ask(
        application=_newest(living), version=_newest(living).versions.get(), by=world.officer, on=today
    )
    others_print = printing.ask(application=_newest(foreign), version=None, by=theirs.applicant, on=today)
    report, others_report = (
        Recommendation.objects.filter(entries__application__base=base).get() for base in (in_review, others_recommended)
    )
    record = verification.open_record(kind="公示", title="关于名单的公示", issuer="教育厅", issued_on=today)
    told, letter = living.documents.get(kind="project_notice"), report.document
    for who, key, words in (
        (world.officer, "revocation", "【撤销事由】【依据条款】"),
        (world.unit_officer, "cover_letter", "【公示时间】【公示结果】"),
    ):
        kind = office_texts.get(key)
        assert kind is not None
        text = f"{words}【称号处理】" if key == "revocation" else words
        title = "【基地名称】" if key == "revocation" else "【年度】"
        wordings.save(kind=kind, title=title, text=text, seen=0, by=who, on=today)
    ours, theirs_drafted = (
        notice_drafts.draft_notice(kind="recommendation", round=world.round(today), bases=[], by=by, on=today)
        for by in (world.unit_officer, world.other_unit_officer)
    )
    department = notice_drafts.draft_notice(
        kind="recognition", round=world.round(today), bases=[], by=world.officer, on=today
    )
    meeting, others_meeting = (
        meetings.draft_meeting(
            round_=world.round(today), kind="review", title="评审会议", held_on=today, place="厅里", agenda="评议。",
            take_up=meetings.ALL, by=world.officer,
        )
        for _each in range(2)
    )  # fmt: skip
    item, others_item = meeting.items.get(), others_meeting.items.get()
    handed_in = PublicNotice.objects.create(
        kind="title", state="submitted", title="关于称号的公示", text="根据办法。", working_days=5, drafted_by=world.officer.user,
        drafted_on=today, submitted_by=world.officer.user, submitted_on=today,
    )  # fmt: skip
    AssignmentPlan.objects.create(
        round=round_, size=5, industry_min=1, load_limit=9, state="draft", made_by=world.officer.user, made_on=today,
        explanation={"applications": [_newest(in_review).pk]},
    )  # fmt: skip
    drafted_rubric = rubrics.draft(purpose="application", by=world.officer)
    their_list = _student_list(theirs, theirs.unit_officer)
    cooperation = mentoring.one_of_each(living, world.unit, world.partner, today)
    others_cooperation = mentoring.one_of_each(others_recommended, world.other_unit, world.other_partner, today)
    certificate, payment = (
        certified.certified(world, living, today),
        certified.paid(world, living, cooperation["industry_appointment"], today),
    )
    certified.over(living, today)
    others_certified = certified.forged(others_cooperation, theirs.applicant.user, others.file.stored, today)
    found = research.one_of_each(living, world.unit, world.partner, today)
    others_found = research.one_of_each(others_recommended, world.other_unit, world.other_partner, today)
    candidate = scored(world, "已评的项目", ["80", "80", "80"])
    adopted = PreliminaryList.objects.create(
        round=round_, state="adopted", drafted_by=world.officer.user, drafted_on=today, adopted_by=world.officer.user,
        adopted_on=today,
    )  # fmt: skip
    money, others_money = Money.kept(world, living, today), Money.forged(theirs, foreign, others.file.stored, today)
    stipends = _stipend_addresses(world, living, today)
    return Place(
        world=world,
        own=own.addresses()
        | {
            "verify-code": [record.shown_code],
            "file": [scan.key],
            "base": [living.pk],
            "act": [living.pk, "report-incident"],
            "hand-over": [living.pk],
            **agreements_of(living, 1, 2),
            "training-unit": [world.unit.pk],
            "unit-authorisations-import": [world.unit.pk],
            "unit-authorisations-template": [world.unit.pk],
            "authorisations-check": [list_.pk],
            "remove-authorisation": [world.unit.authorisations.get().pk],
            "withdraw-membership": [Membership.objects.get(user=world.auditor.user).pk],
            **{key: [told.pk] for key in OF_A_DOCUMENT},
            "text-edit": ["revocation"],
            "text-version": ["revocation", 1],
            "public-base": [living.pk],
            **_money_addresses(living, money),
            **{key: [round_.pk] for key in OF_A_ROUND},
            **{key: [next_round.pk] for key in BEFORE_PUBLICATION},
            **{key: [meeting.pk] for key in OF_A_MEETING},
            **{key: [meeting.pk, item.pk] for key in ("meeting-item-autosave", "meeting-recused")},
            "quota-override": [next_round.pk, quota.pk],
            "unit-facts-check": [next_round.pk, facts.pk],
            "round-plan-change": [round_.pk, _newest(in_review).pk],
            "ranking-change": [round_.pk, candidate.pk],
            "preliminary-list": [round_.pk, adopted.pk],
            "application-review": [_newest(declared).pk],
            **{key: [_newest(living).pk] for key in READ_BY_ALL},
            "application-print-state": [_newest(living).pk, print_.pk],
            "recommendation": [report.pk],
            "recommendation-files": [report.pk],
            **{key: [ours.pk] for key in OF_A_DRAFT},
            **{key: [of_unit.notice_id] for key in ("notice-withdraw", "notice-conclude")},
            "notice-submit": [department.pk],
            "notice-return": [handed_in.pk],
            "public-notice": [of_unit.notice_id],
            "notice-pdf-state": [of_unit.notice_id],
            "objection-new": [of_unit.notice_id],
            "objection-handle": [of_unit.pk],
            "objection-identity": [of_unit.pk],
            "objection-act": [of_unit.pk, "accept"],
            **_expert_addresses(world, today),
            "review-declare": [sheet.pk],
            "assignment-release": [sheet.pk],
            "assignment-conflict": [sheet.pk],
            "assignment-restore": [sheet.pk],
            "panel-go-on": [sheet.panel_id],
            **{key: [sheet.pk] for key in OF_A_SHEET},
            "sheet-unlock": [sheet.pk],
            "rubric-new": ["application"],
            **_of_placement(living.pk, placed),
            "student": [placed.student_id],
            "student-import-check": [_student_list(world, world.unit_officer).pk],
            **{key: [drafted_rubric.pk] for key in OF_A_RUBRIC},
            **stipends,
            **mentoring.addresses(cooperation, living),
            **certified.addresses(living, certificate, payment),
            **research.addresses(found, living),
        },
        own_by_role={
            # One takes back what one entered oneself; each side corrects its own contributions.
            ("expense-withdraw", Role.UNIT_OFFICER): [
                entered(world, money.account, today, "5", by=world.unit_officer).pk
            ],
            ("contribution-reverse", Role.PARTNER_OFFICER): [_partners_contribution(world, living, today).pk],
            ("committee-member-leave", Role.PARTNER_OFFICER): [cooperation["partner_member"].pk],
            ("mentor-edit", Role.PARTNER_OFFICER): [cooperation["industry"].pk],
            ("topic-act", Role.PARTNER_OFFICER): [living.pk, "clear"],
            ("appointment-act", Role.PARTNER_OFFICER): [cooperation["nomination"].pk, "withdraw"],
            ("objection-handle", Role.DEPT_OFFICER): [of_department.pk],
            ("objection-handle", Role.DEPT_LEADER): [of_department.pk],
            ("objection-identity", Role.DEPT_OFFICER): [of_department.pk],
            ("objection-act", Role.DEPT_OFFICER): [of_department.pk, "accept"],
            **{(key, Role.DEPT_OFFICER): [department.pk] for key in OF_A_DRAFT},
            **{(key, Role.DEPT_LEADER): [handed_in.pk] for key in ("desk-notice", "notice-publish")},
            ("notice-withdraw", Role.DEPT_LEADER): [of_department.notice_id],
            ("notice-conclude", Role.DEPT_OFFICER): [of_department.notice_id],
            # A unit keeps the register of its own letters and wordings, the department that of its own.
            **{(name, Role.UNIT_OFFICER): [letter.pk] for name in OF_A_DOCUMENT},
            ("text-edit", Role.UNIT_OFFICER): ["cover_letter"],
            ("text-version", Role.UNIT_OFFICER): ["cover_letter", 1],
        },
        foreign=others.addresses()
        | {
            "verify-code": ["A3C4-6F7H-9K4M"],
            "file": [others.file.stored.key],
            "base": [foreign.pk],
            "act": [foreign.pk, "report-incident"],
            "hand-over": [foreign.pk],
            **agreements_of(foreign, 1, 2),
            "training-unit": [NOTHING],
            "unit-authorisations-import": [NOTHING],
            "unit-authorisations-template": [NOTHING],
            "authorisations-check": [facts.pk],
            "remove-authorisation": [NOTHING],
            "withdraw-membership": [NOTHING],
            **{key: [others_report.document_id] for key in OF_A_DOCUMENT},
            "text-edit": ["cover_letter"],
            "text-version": ["cover_letter", 1],
            "public-base": [foreign.pk],
            **_money_addresses(foreign, others_money),
            **{key: [NOTHING] for key in (*OF_A_ROUND, *BEFORE_PUBLICATION, *OF_A_MEETING)},
            **{key: [NOTHING, item.pk] for key in ("meeting-item-autosave", "meeting-recused")},
            "quota-override": [next_round.pk, others_quota.pk],
            "unit-facts-check": [next_round.pk, others_facts.pk],
            "round-plan-change": [next_round.pk, _newest(in_review).pk],
            "ranking-change": [round_.pk, _newest(others_recommended).pk],
            "preliminary-list": [round_.pk, NOTHING],
            "application-review": [_newest(others_declared).pk],
            **{key: [_newest(foreign).pk] for key in READ_BY_ALL},
            "application-print-state": [_newest(foreign).pk, others_print.pk],
            "recommendation": [others_report.pk],
            "recommendation-files": [others_report.pk],
            **{key: [theirs_drafted.pk] for key in (*OF_A_DRAFT, "notice-submit", "notice-return")},
            **{key: [theirs_drafted.pk] for key in ("notice-withdraw", "notice-conclude")},
            "public-notice": [NOTHING],
            "notice-pdf-state": [NOTHING],
            "objection-new": [NOTHING],
            "objection-handle": [of_department.pk],
            "objection-identity": [of_department.pk],
            "objection-act": [of_department.pk, "accept"],
            **{key: [NOTHING] for key in (*OF_AN_EXPERT, "expert-absence-remove", "expert-relation-end")},
            "expert-import-check": [facts.pk],
            "own-absence-remove": [_absence_of(world.experts[1], today).pk],
            "invitation": ["nothing-of-the-kind"],
            "review-declare": [others_sheet.pk],
            "assignment-release": [NOTHING],
            "assignment-conflict": [NOTHING],
            "assignment-restore": [NOTHING],
            "panel-go-on": [NOTHING],
            **{key: [others_sheet.pk] for key in OF_A_SHEET},
            "sheet-unlock": [NOTHING],
            "rubric-new": ["nothing"],
            **_of_placement(foreign.pk, others_placed),
            "student": [placing.student(theirs, today, "20260001", "他校研究生").pk],
            "student-import-check": [their_list.pk],
            **{key: [NOTHING] for key in OF_A_RUBRIC},
            **{key: [foreign.pk, *stipends[key][1:]] for key in OF_A_MONTH},
            **{key: [NOTHING] for key in ("stipend-link-withdraw", "stipend-denial")},
            "months-import-check": [facts.pk],
            "stipends": ["nothing-of-the-kind"],
            **mentoring.addresses(others_cooperation, others_recommended),
            **certified.addresses(others_recommended, *others_certified),
            **research.addresses(others_found, others_recommended),
        },
        foreign_by_role={
            ("appointment-act", Role.PARTNER_OFFICER): [others_cooperation["nomination"].pk, "withdraw"],
            ("objection-handle", Role.DEPT_OFFICER): [of_unit.pk],
            ("objection-handle", Role.DEPT_LEADER): [of_unit.pk],
            ("objection-identity", Role.DEPT_OFFICER): [of_unit.pk],
            ("objection-act", Role.DEPT_OFFICER): [of_unit.pk, "accept"],
            # The department reads the reports of all units.
            **{
                (name, role): [NOTHING]
                for name in ("recommendation", "recommendation-files", *OF_A_DOCUMENT)
                for role in (Role.DEPT_OFFICER, Role.DEPT_LEADER)
            },
            ("text-edit", Role.UNIT_OFFICER): ["revocation"],
            ("text-version", Role.UNIT_OFFICER): ["revocation", 1],
        },
        smuggled=own.addresses(others)
        | {
            **{
                key: address
                for key, address in _of_placement(living.pk, others_placed).items()
                if key in ("post-edit", "post-close", "post-select", "placement")
            },
            **{key: [meeting.pk, others_item.pk] for key in ("meeting-item-autosave", "meeting-recused")},
            "application-print-state": [_newest(living).pk, others_print.pk],
            **{key: value for key, value in agreements_of(living, 3, 3).items() if len(value) == 2},
            "quota-override": [next_round.pk, others_quota.pk],
            "unit-facts-check": [next_round.pk, others_facts.pk],
            "round-plan-change": [round_.pk, _newest(foreign).pk],
            "ranking-change": [next_round.pk, candidate.pk],
            "preliminary-list": [next_round.pk, adopted.pk],
        },
    )


def agreements_of(base: Base, signed: int, drafted: int) -> dict[str, list[Any]]:
    """The addresses of the agreements of a base, by the numbers of one that is effective and one that is drafted."""
    return {
        **{key: [base.pk] for key in ("base-agreements", "agreement-new", "agreement-compare")},
        **{key: [base.pk, signed] for key in ("agreement", "agreement-pdf-state", "agreement-pdf-again")},
        **{key: [base.pk, drafted] for key in ("agreement-edit", "agreement-autosave")},
        "agreement-act": [base.pk, signed, "terminate"],
    }


NOTHING = 10**9  # the key of no row
OF_A_SHEET = ("sheet", "sheet-autosave", "sheet-submit", "sheet-recuse")
OF_A_RUBRIC = ("rubric", "rubric-edit", "rubric-put-in-force", "rubric-discard")
OF_A_DRAFT = ("desk-notice", "notice-edit", "notice-autosave", "notice-discard", "notice-publish")
OF_A_RANKING = (
    "round-ranking", "ranking-cutoff", "ranking-refer", "ranking-adopt", "ranking-excel", "ranking-csv",
)  # fmt: skip
OF_A_ROUND = (
    "round", "round-extend", "round-applications", "quota-list", "quota-supplement", "unit-facts-template", "round-letters", "round-left-out", "round-review", "round-review-experts", "round-review-export", "round-review-start", "round-sheets-due", "round-propose", "round-plan", "round-plan-state", "round-plan-apply", "round-plan-discard", *OF_A_RANKING, "round-meetings", "meeting-new",
)  # fmt: skip
OF_A_MEETING = (
    "meeting", "meeting-edit", "meeting-discard", "meeting-conclude", "meeting-papers-state", "meeting-summary", "meeting-scan",
    "meeting-members", "meeting-members-add", "meeting-members-copy", "meeting-items", "meeting-votes",
)  # fmt: skip
OF_A_DOCUMENT = ("document", "document-pdf-state", "document-pdf-again", "document-scan", "document-withdraw")
BEFORE_PUBLICATION = ("quota-publish", "unit-facts", "unit-facts-import")
OF_AN_EXPERT = (
    "expert", "expert-edit", "expert-remove", "expert-take-back", "expert-link", "expert-invite", "expert-invitation-withdraw",
    "expert-absence", "expert-relation",
)  # fmt: skip
READ_BY_ALL = ("application-preview", "application-versions", "application-print")


@dataclass(frozen=True)
class Parts:
    """A draft and what is filled in there."""

    application: Application
    student: TrainedStudent
    check: ImportCheck
    file: ApplicationFile

    def addresses(self, parts_of: Parts | None = None) -> dict[str, list[Any]]:
        """The addresses of the draft, with its own parts or with those of another draft."""
        pk, its = self.application.pk, parts_of or self
        whole = (
            "application-edit", "application-colleagues", "application-roster", "roster-template", "roster-export",
            "roster-check", "roster-student-add", "application-attachments", "application-avoid",
        )  # fmt: skip
        return {key: [pk] for key in whole} | {
            "application-section": [pk, "cover"],
            "application-autosave": [pk, "plan"],
            "application-presence": [pk, "plan"],
            "roster-import": [pk, its.check.pk],
            "roster-apply": [pk, its.check.pk],
            "roster-student": [pk, its.student.pk],
            "roster-student-remove": [pk, its.student.pk],
            "attachment-upload": [pk, "agreement"],
            "attachment-remove": [pk, its.file.pk],
            "attachment-history": [pk, "agreement"],
        }


def _student_list(theirs: World, by: Acting) -> ImportCheck:
    return student_imports.check_file(upload=_excel(student_imports.template()), by=by)


def _of_placement(base_pk: int, placement: Placement) -> dict[str, list[Any]]:
    """The addresses of a base's posts and placements, with this placement and its post."""
    whole = ("base-posts", "post-new", "base-placements", "placement-excel")
    return {key: [base_pk] for key in whole} | {
        **{key: [base_pk, placement.post_id] for key in ("post-edit", "post-close", "post-select")},
        "placement-act": [base_pk, "insurance"],
        "placement": [base_pk, placement.pk],
    }


def _parts(theirs: World, base: Base, on: date) -> Parts:
    application = _newest(base)
    checked = roster.check(
        application=application, by=theirs.applicant, on=on, upload=_excel(roster.export(application))
    )
    assert checked.wrong == 0
    file = application.files.get(kind="agreement")
    return Parts(application, application.trained_students.order_by("pk")[0], checked, file)


OF_AN_ACCOUNT = ("account", "account-excel", "account-statement")
OF_A_STATEMENT = ("statement", "statement-state", "statement-again")
OF_AN_EXPENSE = ("expense", "expense-approve", "expense-reject", "expense-withdraw")
OF_THE_MONEY = (
    "base-funds", "base-expenses", "base-expenses-excel", "expense-new", "base-contributions", "contribution-new", "base-plan",
)  # fmt: skip


@dataclass
class Money:
    """An account with what is in it."""

    account: Account
    expense: Expense
    approved: Expense
    contribution: Contribution
    statement: AccountStatement

    @classmethod
    def kept(cls, world: World, base: Base, on: date) -> Money:
        """As the services keep it."""
        contribution = paid_in(world, base, on, "1000")
        account = own_account(base)
        approved = spent(world, account, on, "10").expense
        made = statements.ask_for_statement(account=account, from_on=on, to_on=on, by=world.unit_officer, on=on)
        return cls(account, entered(world, account, on, "5"), approved, contribution, made)

    @classmethod
    def forged(cls, world: World, base: Base, file: StoredFile, on: date) -> Money:
        """Of a base that no service would let have any."""
        user = world.applicant.user
        account = Account.objects.create(base=base, kind="own", opened_on=on)
        expense = Expense.objects.create(
            account=account, kind="travel", amount=5, spent_on=on, payee="某人", purpose="差旅", voucher=file, entered_by=user,
            entered_on=on,
        )  # fmt: skip
        contribution = Contribution.objects.create(
            base=base, year=1, side="unit", kind="site", amount=5, into_account=False, received_on=on, what="场地", entered_by=user,
            entered_on=on,
        )  # fmt: skip
        made = AccountStatement.objects.create(
            account=account, from_on=on, to_on=on, last_number=0, asked_by=user, asked_on=on
        )
        return cls(account, expense, expense, contribution, made)


def _money_addresses(base: Base, money: Money) -> dict[str, list[Any]]:
    return {
        **{key: [base.pk] for key in OF_THE_MONEY},
        **{key: [money.account.pk] for key in OF_AN_ACCOUNT},
        **{key: [money.statement.pk] for key in OF_A_STATEMENT},
        **{key: [money.expense.pk] for key in OF_AN_EXPENSE},
        "expense-reverse": [money.approved.pk],
        "contribution-reverse": [money.contribution.pk],
    }


def _partners_contribution(world: World, base: Base, on: date) -> Contribution:
    return paid_in(world, base, on, "500", side="partner", by=world.partner_officer)


def _absence_of(expert: Any, on: date) -> ExpertAbsence:
    profile = ExpertProfile.objects.get(user=expert.user)
    return ExpertAbsence.objects.create(profile=profile, from_on=on, to_on=on)


def _expert_addresses(world: World, on: date) -> dict[str, list[Any]]:
    """Somebody of the pool without an account who is invited, and what the first expert has entered."""
    made = experts.enter(by=world.officer, on=on, name="受邀人", employer="外省大学", sector="university")
    issued = invitations.issue(profile=made, by=world.officer, on=on, at=timezone.now())
    absence = _absence_of(world.experts[0], on)
    relation = experts.add_relation(profile=made, by=world.officer, on=on, kind="family", person="某人")
    checked = expert_imports.check_file(upload=_excel(expert_imports.template()), by=world.officer)
    return {key: [made.pk] for key in OF_AN_EXPERT} | {
        "expert-absence-remove": [absence.pk],
        "own-absence-remove": [absence.pk],
        "expert-relation-end": [relation.pk],
        "expert-import-check": [checked.pk],
        "invitation": [issued.secret],
    }


OF_A_MONTH = (
    "base-months", "month", "month-rows", "month-voucher", "month-close", "month-correct", "month-review", "stipend-links",
)  # fmt: skip


def _stipend_addresses(world: World, base: Base, on: date) -> dict[str, list[Any]]:
    """A student's month that is paid, their link, and that they deny to have received it."""
    student, month = cooperating.place(base), cooperating.OCTOBER
    cooperating.filled(base, month, world.partner_officer, on, student)
    at, by = timezone.now(), world.partner_officer
    issued = receipts.issue(base=base, students=[student.student_id], by=world.unit_officer, on=on, at=at)[0]
    record = receipts.months_of(issued.link)[0].record
    denied = receipts.answer(
        link=issued.link, record=record.pk, revision=record.revision, received=False, note="没有到账。", on=on, at=at
    )
    checked = month_imports.check_file(upload=_excel(month_imports.template(month=month, by=by)), by=by, on=on)
    return {key: [base.pk, "2026-10"] for key in OF_A_MONTH} | {
        "base-months": [base.pk],
        "month-correct": [base.pk, "2026-10", student.pk],
        "stipend-links": [base.pk],
        "stipend-link-withdraw": [issued.link.pk],
        "stipend-denial": [denied.pk],
        "stipends": [issued.secret],
        "months-import-check": [checked.pk],
    }


def _newest(base: Base) -> Application:
    return Application.objects.get(base=base)


def _excel(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("名单.xlsx", content)


def _facts_check(world: World, year: int) -> ImportCheck:
    return fact_imports.check_file(year=year, upload=_excel(fact_imports.template(year)), by=world.officer)


def _round_without_quotas(world: World, on: date) -> Round:
    dates = {"opens_on": date(on.year + 1, 3, 1), "closes_on": date(on.year + 1, 6, 30)}
    return rounds.open_round(
        year=on.year + 1, recommend_by=date(on.year + 1, 7, 31), **dates, by=world.officer, on=on
    )  # fmt: skip


def _objection(base: Base, kind: str, on: date) -> Objection:
    notice = PublicNotice.objects.get(entries__base=base, kind=kind)
    return objections.file_objection(
        notice=notice, base=base, name="实名", phone="13800000000", grounds="材料与事实不符。", on=on
    )


def outcome(answer: Any, line: Line) -> str:
    """The sign of an answer, or the answer itself where it is none of them."""
    place_to = answer.headers.get("Location", "")
    if answer.status_code == 302 and place_to.startswith(f"{reverse('login')}?next=/"):
        return ">"
    if answer.status_code == 302 and line.name == "login" and place_to == reverse("home"):
        return "h"
    if answer.status_code == 403 and "没有办理" in answer.text:
        return "r" if re.search(r"由(教育厅经办|教育厅审批|本单位研究生院|合作单位)", answer.text) else answer.text
    if answer.status_code == 403:
        needed = "、".join(str(Role(role).label) for role in Role.values if role in line.open_roles)
        return "x" if f"本页只对以下角色开放：{needed}。没有作任何改动。" in answer.text else answer.text
    if answer.status_code == 404:
        return "0" if "没有找到这个页面" in answer.text else answer.text
    if answer.status_code == 405:
        return "p" if "这个地址只能由页面上的按钮或表单打开" in answer.text else answer.text
    return "+" if answer.status_code in {200, 302, 409, 422} else f"{answer.status_code} {answer.text}"


def met(place: Place, lines: dict[str, Line], method: str, *, foreign: bool) -> dict[str, str]:
    """What every column meets at every address of a table; what a page has done for those whom it lets in is taken back."""
    found, form = {}, everything(place.world) if method == "POST" else {}
    for name, line in lines.items():
        signs = []
        for column in COLUMNS.split():
            client, address = place.client(column), place.address(name, column, foreign=foreign)
            cookies = client.cookies.copy()
            with transaction.atomic():
                signs.append(outcome(getattr(client, method.lower())(address, form), line))
                transaction.set_rollback(signs[-1] == "+")
            client.cookies = cookies
        found[name] = " ".join(signs)
    return found


@pytest.mark.article("4")
@pytest.mark.parametrize(("text", "foreign"), [(OWN, False), (FOREIGN, True)], ids=["own", "foreign"])
def test_a_page_opens_for_whom_the_table_says_and_for_nobody_else(place: Place, text: str, foreign: bool) -> None:
    lines = table(text)
    expected = {name: line.met_by("GET") for name, line in lines.items()}
    assert met(place, lines, "GET", foreign=foreign) == expected


@pytest.mark.article("4")
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_part_of_something_else_is_not_reached_through_what_is_ones_own(place: Place, method: str) -> None:
    """One's own draft, round or print in the address opens no student, file, check, quota or print that belongs elsewhere."""
    lines = {name: table(OWN)[name] for name in place.smuggled if place.smuggled[name] != place.own[name]}
    of_two = [p for p in flat(get_resolver().url_patterns) if len(p.pattern.converters) > 1]
    named = [
        str(p.name) for p in of_two if "SlugConverter" not in {type(c).__name__ for c in p.pattern.converters.values()}
    ]
    assert sorted(named) == sorted(lines)
    for column in COLUMNS.split():
        place.client(column)
    before = everything_kept()
    expected = {
        name: line.met_by(method).replace("+", "0" if method in line.methods else "p") for name, line in lines.items()
    }
    assert met(replace(place, own=place.smuggled), lines, method, foreign=False) == expected
    assert everything_kept() == before


# Names of formats, marks and examples that have no Chinese form.
LATIN = {"PDF", "PNG", "JPG", "Excel", "Word", "xlsx", "JSON"}


def words_on(page: str) -> set[str]:
    """The words in Latin letters that a reader or a screen reader meets on a page."""
    bare = re.sub(r"<!--.*?-->|<(script|style|svg|code|kbd)\b.*?</\1>", " ", page, flags=re.DOTALL)
    spoken = re.findall(r"(?:aria-label|title|placeholder|alt|data-[\w-]*text)=\"([^\"]*)\"", bare)
    text = " ".join([re.sub(r"<[^>]+>", " ", bare), *spoken])
    text = re.sub(r"https?://\S+|\S+@\S+|\S+\.(?:pdf|xlsx|docx|png|jpg)\b", " ", text)
    return set(re.findall(r"(?<![\w&])[A-Za-z]{3,}(?![\w;])", text))


def test_no_page_says_a_word_that_is_not_chinese(place: Place) -> None:
    names = {user.username for user in User.objects.all()}
    found = {}
    for name, line in table(OWN).items():
        columns = [column for column, sign in zip(COLUMNS.split(), line.outcomes, strict=True) if sign in "+r"]
        if "GET" not in line.methods or name == "file" or not columns:
            continue
        answer = place.client(columns[0]).get(place.address(name, columns[0]), follow=True)
        if answer["Content-Type"].startswith("text/html"):
            assert (name, answer.status_code) == (name, 200)
            strange = words_on(answer.text) - LATIN - names
            found |= {name: strange} if strange else {}
    assert found == {}


# What an intruder sends: an answer to everything that any form asks for.
def everything(world: World) -> dict[str, Any]:
    return {
        "year": "2027",
        "source": "伪造的通知",
        "holidays": "2027-10-01",
        "username": "intruder",
        "full_name": "不速之客",
        "password": "long-enough-2026",
        "user": world.applicant.user_id,
        "role": "dept_leader",
        "department": world.department.pk,
        "name": "不速之客的基地",
        "reason": "伪造",
        "report": "伪造",
        "quota": Quota.objects.values_list("pk", flat=True)[0],
        "places": "99",
        "status": "accepted",
        "conclusion": "伪造",
        "happened_on": "2026-11-24",
        "description": "伪造",
        "measures": "伪造",
        "do": "submit",
        "grade": "excellent",
        "finding": "伪造",
        "can_continue": "no",
        "text": "伪造",
        "agreed": "yes",
        "category_opinion": "伪造",
        "document_date": "2026-11-24",
        "declare_by": "2026-11-30",
        "new_closes_on": "2027-12-31",
        "new_recommend_by": "2027-12-31",
        "to": world.applicant.user_id,
        "users": [world.other_applicant.user_id],
        "base_places": "99",
        "accept_missing": "on",
        "window": NO_KEY,
        "tables": ["results"],
        "number": "1",
        "bases": list(Base.objects.values_list("pk", flat=True)),
        "credit_code": "91150100MA00000012",
        "kind": "enterprise",
        "division": world.unit.division_id,
        "experts": [expert.user_id for expert in world.experts],
    }


def everything_kept() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of ours, apart from the keys of forms that have arrived."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for app in ("portal", "bases", "agreements", "applications", "evaluations")
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
        if model is not Submission
    }


@pytest.mark.article("4")
@pytest.mark.parametrize(("text", "foreign"), [(OWN, False), (FOREIGN, True)], ids=["own", "foreign"])
def test_a_form_is_taken_from_whom_the_table_says_and_that_of_others_changes_no_row(
    place: Place, text: str, foreign: bool
) -> None:
    lines = table(text)
    for column in COLUMNS.split():
        place.client(column)
    before = everything_kept()
    expected = {name: line.met_by("POST") for name, line in lines.items()}
    assert met(place, lines, "POST", foreign=foreign) == expected
    assert everything_kept() == before


def acts_table() -> dict[str, set[str]]:
    return {name: set(roles) for name, *roles in (line.split() for line in ACTS.strip().splitlines())}


def test_every_act_has_its_line_and_its_roles() -> None:
    assert {act.name: set(act.roles) for act in acts.all_acts()} == acts_table()


@pytest.mark.article("4")
def test_an_act_of_another_role_does_not_exist_and_changes_no_row(place: Place) -> None:
    """Whoever may see the base, in a state that the act belongs to, still finds no page for what is not theirs to do."""
    insiders = [Role.APPLICANT, Role.UNIT_OFFICER, Role.PARTNER_OFFICER, Role.DEPT_OFFICER, Role.DEPT_LEADER]
    form, bases = everything(place.world), list(Base.objects.filter(events_count__gt=0).order_by("pk"))
    for role in insiders:
        place.client(role)
    before = everything_kept()
    met_by = {}
    for act in acts.all_acts():
        base = next((base for base in bases if base.state in act.states), bases[0])
        address = reverse("act", args=[base.pk, act.name])
        met_by[act.name] = {
            str(role)
            for role in insiders
            if role in act.roles or place.client(role).post(address, form).status_code != 404
        }
    assert met_by == acts_table()
    assert everything_kept() == before


# ---- where a right comes from


def undeclared(request: Any) -> HttpResponse:
    """A view that says nothing about whom it is open to."""
    return HttpResponse("geheim")


class WithAnUndeclaredView:
    """The portal's addresses and one more."""

    urlpatterns = [*portal_urlpatterns, path("undeclared/", undeclared)]


def test_a_view_that_declares_nothing_is_closed_to_everybody(place: Place, settings: Any) -> None:
    settings.ROOT_URLCONF = WithAnUndeclaredView
    for column in COLUMNS.split():
        answer = place.client(column).get("/undeclared/")
        assert (column, answer.status_code) == (column, 403)
        assert "本页没有声明开放对象，按规定不予开放。" in answer.text
        assert "geheim" not in answer.text


def opens(client: Client, name: str) -> bool:
    return client.get(reverse(name)).status_code == 200


def test_of_several_roles_only_the_chosen_one_counts(world: World, client: Client, today: date) -> None:
    user = world.officer.user
    expert = people.grant_membership(user=user, role=Role.EXPERT, by=world.security_admin.user)
    client.force_login(user)
    # Nothing is chosen yet: nothing of either role opens.
    assert [opens(client, name) for name in ("calendar", "sheet-list")] == [False, False]
    client.post(reverse("choose-role"), {"membership": world.officer.membership_id})
    assert [opens(client, name) for name in ("calendar", "sheet-list")] == [True, False]
    client.post(reverse("choose-role"), {"membership": expert.pk})
    assert [opens(client, name) for name in ("calendar", "sheet-list")] == [False, True]


def test_a_role_of_somebody_else_cannot_be_chosen(world: World, client: Client) -> None:
    client.force_login(world.applicant.user)
    answer = client.post(reverse("choose-role"), {"membership": world.leader.membership_id})
    assert "没有切换：这个角色不属于您，或已被收回。" in answer.text
    assert [opens(client, name) for name in ("application-new", "recognition-document")] == [True, False]


def test_a_right_ends_with_the_membership_in_the_middle_of_a_session(world: World, client: Client) -> None:
    client.force_login(world.officer.user)
    assert opens(client, "calendar")
    membership = Membership.objects.get(pk=world.officer.membership_id)
    people.withdraw_membership(membership=membership, by=world.security_admin.user)
    assert not opens(client, "calendar")


def test_an_account_that_is_closed_can_do_nothing(world: World, client: Client) -> None:
    client.force_login(world.officer.user)
    User.objects.filter(pk=world.officer.user_id).update(is_active=False)
    assert client.get(reverse("calendar"))["Location"] == "/login/?next=/calendar/"


def test_no_right_comes_from_the_flags_of_the_account(world: World, client: Client) -> None:
    """Django's superuser is nobody here."""
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    assert [opens(client, name) for name in ("base-list", "accounts", "history", "calendar")] == [False] * 4


def test_after_signing_in_one_stands_where_one_wanted_to_go(world: World, client: Client) -> None:
    wanted = client.get(reverse("calendar"))["Location"]
    form = {"username": world.officer.user.username, "password": "demo-portal-2026"}
    assert client.post(wanted, form)["Location"] == "/calendar/"
    assert opens(client, "calendar")


def test_signing_in_leads_to_no_other_site(world: World, client: Client) -> None:
    form = {"username": world.officer.user.username, "password": "demo-portal-2026", "next": "https://example.invalid/"}
    assert client.post("/login/", form)["Location"] == "/"

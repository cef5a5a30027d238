from django.urls import path

from agreements.views import agreement_drafts, agreements, contributions, expenses, funds, training

urlpatterns = [
    path("training/", training.overview, name="training"),
    # 经费
    path("funds/", funds.funds, name="funds"),
    path("funds/accounts.xlsx", funds.funds_excel, name="funds-excel"),
    path("funds/accounts/<int:pk>/", funds.account_page, name="account"),
    path("funds/accounts/<int:pk>/ledger.xlsx", funds.account_excel, name="account-excel"),
    path("funds/accounts/<int:pk>/statement/", funds.account_statement, name="account-statement"),
    path("funds/statements/<int:pk>/", funds.statement_page, name="statement"),
    path("funds/statements/<int:pk>/state/", funds.statement_state, name="statement-state"),
    path("funds/statements/<int:pk>/again/", funds.statement_again, name="statement-again"),
    path("funds/expenses/<int:pk>/", expenses.expense_page, name="expense"),
    path("funds/expenses/<int:pk>/approve/", expenses.expense_approve, name="expense-approve"),
    path("funds/expenses/<int:pk>/reject/", expenses.expense_reject, name="expense-reject"),
    path("funds/expenses/<int:pk>/withdraw/", expenses.expense_withdraw, name="expense-withdraw"),
    path("funds/expenses/<int:pk>/reverse/", expenses.expense_reverse, name="expense-reverse"),
    path("funds/contributions/<int:pk>/reverse/", contributions.contribution_reverse, name="contribution-reverse"),
    path("bases/<int:pk>/funds/", funds.base_funds, name="base-funds"),
    path("bases/<int:pk>/funds/expenses/", expenses.base_expenses, name="base-expenses"),
    path("bases/<int:pk>/funds/expenses.xlsx", expenses.base_expenses_excel, name="base-expenses-excel"),
    path("bases/<int:pk>/funds/expenses/new/", expenses.expense_new, name="expense-new"),
    path("bases/<int:pk>/funds/contributions/", contributions.base_contributions, name="base-contributions"),
    path("bases/<int:pk>/funds/contributions/new/", contributions.contribution_new, name="contribution-new"),
    path("bases/<int:pk>/funds/plan/", contributions.base_plan, name="base-plan"),
    # 协议
    path("bases/<int:pk>/agreements/", agreements.base_agreements, name="base-agreements"),
    path("bases/<int:pk>/agreements/new/", agreements.agreement_new, name="agreement-new"),
    path("bases/<int:pk>/agreements/compare/", agreements.agreement_compare, name="agreement-compare"),
    path("bases/<int:pk>/agreements/<int:number>/", agreements.agreement_page, name="agreement"),
    path("bases/<int:pk>/agreements/<int:number>/edit/", agreement_drafts.agreement_edit, name="agreement-edit"),
    path("bases/<int:pk>/agreements/<int:number>/autosave/", agreement_drafts.agreement_autosave, name="agreement-autosave"),
    path("bases/<int:pk>/agreements/<int:number>/pdf/", agreements.agreement_pdf_state, name="agreement-pdf-state"),
    path("bases/<int:pk>/agreements/<int:number>/pdf/again/", agreements.agreement_pdf_again, name="agreement-pdf-again"),
    path("bases/<int:pk>/agreements/<int:number>/<slug:name>/", agreement_drafts.agreement_act, name="agreement-act"),
]  # fmt: skip

"""Missing variables and unusable values in the words of programs."""

import pytest

from explainers.diagnosis.logs.variables import mentions, missing_name, missing_setting, says_unusable


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("KeyError: 'DEFAULT_CURRENCY'", "DEFAULT_CURRENCY"),
        ("KeyError: 'TOKEN'", "TOKEN"),
        ("sh: 1: S3_ENDPOINT: must be set", "S3_ENDPOINT"),
        ("/app/run.sh: line 4: db_url: unbound variable", "db_url"),
        ("sh: DB_HOST: parameter not set", "DB_HOST"),
        ("fatal: environment variable CHAT_TOKEN is required", "CHAT_TOKEN"),
        ('panic: required environment variable "DATABASE_URL" not set', "DATABASE_URL"),
        ("Error: Missing required environment variables: API_KEY, REGION", "API_KEY"),
        ("required key APP_PORT missing value", "APP_PORT"),
        ("Could not resolve placeholder 'ORDERS_URL' in value \"${ORDERS_URL}\"", "ORDERS_URL"),
        ("ImproperlyConfigured: Set the SECRET_KEY environment variable", "SECRET_KEY"),
        ("You must specify POSTGRES_PASSWORD to a non-empty value for the superuser.", "POSTGRES_PASSWORD"),
        ("Error: Database is uninitialized and superuser password is not specified.", "POSTGRES_PASSWORD"),
        ("REDIS_URL is undefined", "REDIS_URL"),
        ("config error: 'JWT_SECRET' must be set", "JWT_SECRET"),
        ("/app/env.rb:12:in 'fetch': key not found: \"REDIS_URL\" (KeyError)", "REDIS_URL"),
        ("parser-exe: PARSER_LICENSE: getEnv: does not exist (no environment variable)", "PARSER_LICENSE"),
        ('PHP Warning:  Undefined array key "DB_HOST" in /var/www/db.php on line 3', "DB_HOST"),
        ('could not fetch environment variable "SECRET_KEY_BASE" because it is not set', "SECRET_KEY_BASE"),
        ("error: Environment variable not found: DATABASE_URL.", "DATABASE_URL"),
        ('level=fatal msg="missing required environment variable" name=VAULT_TOKEN', "VAULT_TOKEN"),
        ("Could not resolve placeholder 'stripe.api-key' in value", "STRIPE_APIKEY"),
        ("The config property payment.api-token is required but it could not be found", "PAYMENT_API_TOKEN"),
        ("RuntimeException: No application encryption key has been specified.", "APP_KEY"),
        ('KeyError: key not found: "RAILS_MASTER_KEY"', "RAILS_MASTER_KEY"),
        (
            "The REDIS_PASSWORD environment variable is empty. Set the environment variable ALLOW_EMPTY",
            "REDIS_PASSWORD",
        ),
        ("SESSION_SECRET env variable is required", "SESSION_SECRET"),
        ("The following environment variables are missing: S3_BUCKET", "S3_BUCKET"),
        ("Fehler: Umgebungsvariable API_KEY ist nicht gesetzt", "API_KEY"),
        ("la variable d'environnement API_KEY n'est pas définie", "API_KEY"),
        ("Invalid environment variables: { SESSION_SECRET: [ 'Required' ] }", "SESSION_SECRET"),
    ],
)
def test_names_the_missing_variable(line: str, name: str) -> None:
    assert missing_name(line) == name


@pytest.mark.parametrize(
    "line",
    [
        "sh: 1: webserver: not found",
        "/bin/bash: line 1: MY_TOOL: command not found",
        "env: 'python4': No such file or directory",
        "KeyError: 'user'",
        "ERROR could not connect to pg:5432",
        "GET /health 404 not found",
        "listening on port 8080, required by nobody",
        'key not found: "user" (KeyError)',
    ],
)
def test_other_lines_name_none(line: str) -> None:
    assert missing_name(line) == ""


def test_a_value_counts_only_where_it_is_quoted_or_ends_the_line() -> None:
    assert mentions("invalid literal for int() with base 10: 'four'", "four")
    assert mentions('strconv.Atoi: parsing "80a": invalid syntax', "80a")
    assert mentions("NumberFormatException: For input string: eight", "eight")
    assert not mentions("the information is invalid", "info")
    assert not mentions("anything", "")


def test_complaints_about_form_only() -> None:
    assert says_unusable("ValueError: invalid literal for int() with base 10: 'four'")
    assert not says_unusable("connection refused")


def test_a_required_field_counts_only_in_settings() -> None:
    lines = "2 validation errors for {}\ndatabase_url\n  Field required [type=missing, input_type=dict]\n"
    assert missing_setting(lines.format("Settings")) == "DATABASE_URL"
    assert missing_setting(lines.format("AppConfig")) == "DATABASE_URL"
    assert missing_setting(lines.format("OrderRequest")) == ""

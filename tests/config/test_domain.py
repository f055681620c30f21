"""A domain of your own: a mistake is reported before CloudFront reports it."""

import pytest

from config.domain import Domain
from config.model import ConfigError

CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"


@pytest.mark.parametrize("name", ["example.com", "games.example.co.jp", "*.example.com"])
def test_a_domain_is_taken(name: str) -> None:
    assert Domain(names=(name,), certificate=CERTIFICATE).names == (name,)


@pytest.mark.parametrize(
    ("names", "certificate", "complaint"),
    [
        ((), CERTIFICATE, "domain.names: empty"),
        (("https://example.com",), CERTIFICATE, "domain.names: 'https://example.com' is not"),
        (("example",), CERTIFICATE, "domain.names: 'example' is not"),
        (("Example.com",), CERTIFICATE, "domain.names: 'Example.com' is not"),
        (("-a.example.com",), CERTIFICATE, "domain.names: '-a.example.com' is not"),
        (("example.com",), "", "domain.certificate: '' is not"),
        (
            ("example.com",),
            CERTIFICATE.replace("us-east-1", "eu-west-1"),
            "CloudFront takes none of another region",
        ),
    ],
)
def test_a_mistake_names_its_field(
    names: tuple[str, ...], certificate: str, complaint: str
) -> None:
    with pytest.raises(ConfigError, match=complaint.replace("*", r"\*")):
        Domain(names=names, certificate=certificate)

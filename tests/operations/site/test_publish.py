"""Publishing the site: what changed and nothing else, and nothing of what is not its own."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from config import names
from config.environments import LOCAL
from local.cloud import Cloud
from operations.insights.site_files import NAME as INSIGHTS
from operations.players.site_files import NAME as PLAYERS
from operations.site.files import ROOT, SiteError, SiteFile, reaching_loopback, site_files
from operations.site.publish import MANIFEST, Bucket, publish
from operations.telemetry.site_files import NAME as TELEMETRY
from operations.tunnels.site_files import NAME as TUNNELS

PAGE = SiteFile(b"<p>hello", "text/html; charset=utf-8")
SCRIPT = SiteFile(b"hello()", "text/javascript; charset=utf-8")
OF_CAPABILITIES = (INSIGHTS, PLAYERS, TELEMETRY, TUNNELS)
QUIET = replace(LOCAL, capabilities=())
FILES = {"ui/hello.js": SCRIPT, "index.html": PAGE}


@dataclass
class Place:
    """A bucket and a distribution of a test's own; what is written into them is counted."""

    cloud: Cloud
    bucket: str
    distribution: str
    written: list[str] = field(default_factory=list)

    def client(self, service: str) -> Any:
        client = self.cloud.client(service)
        for operation in ("PutObject", "DeleteObject"):
            client.meta.events.register(f"provide-client-params.s3.{operation}", self._count)
        return client

    def _count(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self.written.append(f"{model.name} {params['Key']}")

    def publish(self, files: dict[str, SiteFile]) -> str:
        self.written.clear()
        return publish(self.client, QUIET, files)

    def keys(self) -> set[str]:
        found = self.cloud.client("s3").list_objects_v2(Bucket=self.bucket)
        return {item["Key"] for item in found.get("Contents", ())}

    def head(self, key: str) -> Any:
        return self.cloud.client("s3").head_object(Bucket=self.bucket, Key=key)

    def put(self, key: str) -> None:
        self.cloud.client("s3").put_object(Bucket=self.bucket, Key=key, Body=b"another's")

    def invalidations(self) -> list[list[str]]:
        """Each one's paths, sorted."""
        cloudfront = self.cloud.client("cloudfront")
        listed = cloudfront.list_invalidations(DistributionId=self.distribution)
        found = [
            cloudfront.get_invalidation(DistributionId=self.distribution, Id=item["Id"])
            for item in listed["InvalidationList"].get("Items", ())
        ]
        return [sorted(one["Invalidation"]["InvalidationBatch"]["Paths"]["Items"]) for one in found]


@pytest.fixture
def place(cloud: Cloud) -> Iterator[Place]:
    bucket = f"site-{uuid4().hex[:12]}"
    cloud.client("s3").create_bucket(Bucket=bucket)
    origin = {
        "Id": "site",
        "DomainName": f"{bucket}.s3.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    created = cloud.client("cloudfront").create_distribution(
        DistributionConfig={
            "CallerReference": bucket,
            "Comment": "a test's",
            "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": {
                "TargetOriginId": "site",
                "ViewerProtocolPolicy": "allow-all",
                "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
            },
        }
    )
    place = Place(cloud, bucket, created["Distribution"]["Id"])
    ssm = cloud.client("ssm")
    values = {names.SITE_BUCKET: bucket, names.DISTRIBUTION_ID: place.distribution}
    for name, value in values.items():
        ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)
    yield place
    for name in values:
        ssm.delete_parameter(Name=name)


def test_a_first_time_brings_everything_and_needs_no_invalidation(place: Place) -> None:
    assert place.publish(FILES) == "site: 6 new"
    assert place.keys() == {*FILES, *OF_CAPABILITIES, MANIFEST}
    assert place.head("ui/hello.js")["ContentType"] == "text/javascript; charset=utf-8"
    assert "s-maxage" in place.head("index.html")["CacheControl"]
    assert place.invalidations() == []


def test_a_page_comes_after_what_it_needs(place: Place) -> None:
    place.publish({"a.html": PAGE, "z.js": SCRIPT})
    assert place.written.index("PutObject z.js") < place.written.index("PutObject a.html")


def test_where_nothing_changed_nothing_is_written(place: Place) -> None:
    place.publish(FILES)
    assert place.publish(FILES) == "site: nothing had changed"
    assert place.written == []
    assert place.invalidations() == []


def test_only_what_changed_is_written_and_invalidated(place: Place) -> None:
    place.publish(FILES)
    changed = FILES | {"ui/hello.js": replace(SCRIPT, content=b"hello(2)")}
    assert place.publish(changed) == "site: 1 changed"
    assert {name for name in place.written if MANIFEST not in name} == {"PutObject ui/hello.js"}
    assert place.invalidations() == [["/ui/hello.js"]]


def test_the_front_page_is_invalidated_under_both_its_names(place: Place) -> None:
    place.publish(FILES)
    place.publish(FILES | {"index.html": replace(PAGE, content=b"<p>good morning")})
    assert place.invalidations() == [["/", "/index.html"]]


def test_another_header_is_a_change_too(place: Place) -> None:
    place.publish(FILES)
    assert place.publish(FILES | {"ui/hello.js": replace(SCRIPT, cache_control="no-store")})
    assert place.head("ui/hello.js")["CacheControl"] == "no-store"


def test_removed_files_are_deleted_and_foreign_files_stay(place: Place) -> None:
    place.put("press/logo.png")
    place.publish(FILES)
    assert place.publish({"index.html": PAGE}) == "site: 1 gone"
    assert place.keys() == {"index.html", "press/logo.png", *OF_CAPABILITIES, MANIFEST}
    assert place.invalidations() == [["/ui/hello.js"]]


def test_a_file_that_was_overwritten_is_uploaded_again(place: Place) -> None:
    place.publish(FILES)
    place.put("index.html")
    assert place.publish(FILES) == "site: 1 changed"


def test_an_interrupted_run_is_finished_by_the_next(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.publish(FILES)
    changed = {"new.js": SCRIPT, "index.html": replace(PAGE, content=b"<p>good evening")}
    with monkeypatch.context() as patched:
        patched.setattr(Bucket, "settle", _interrupt)
        with pytest.raises(KeyboardInterrupt):
            place.publish(changed)
    assert place.publish(changed) == "site: 1 changed, 1 gone"
    assert place.keys() == {*changed, *OF_CAPABILITIES, MANIFEST}
    assert place.invalidations() == [["/", "/index.html", "/ui/hello.js"]] * 2
    assert place.publish({"index.html": PAGE}) == "site: 1 changed, 1 gone"


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_anothers_site_is_left_alone(place: Place) -> None:
    said = publish(place.client, replace(LOCAL, own_site=False), FILES)
    assert "nothing uploaded" in said
    assert place.keys() == set()


def test_without_a_deploy_there_is_nowhere_to_publish_to(cloud: Cloud) -> None:
    with pytest.raises(SiteError, match="make deploy"):
        publish(cloud.client, LOCAL, FILES)


def test_the_site_is_the_arcade_and_the_sdk() -> None:
    files = site_files()
    assert {"index.html", "snake.html", "sdk/htmlgame.min.js", "favicon.svg"} <= files.keys()
    assert files["favicon.svg"].content_type == "image/svg+xml"
    script, source = files["ui/board.js"].content, (ROOT / "arcade/ui/board.js").read_bytes()
    assert len(script) < 0.7 * len(source)
    page = files["index.html"].content
    assert b"<html lang=en data-words=front>" in page
    assert b'content="width=device-width, initial-scale=1' in page
    style = files["game.css"].content
    assert b"/*" not in style
    assert b"calc" in style or b" * " in style  # what a sum needs its spaces for stays


def test_a_deployed_page_may_connect_to_no_laptop() -> None:
    files = site_files()
    pages = [name for name in files if name.endswith(".html")]
    assert "creator.html" in pages
    for name in pages:
        policy = files[name].content
        assert b"Content-Security-Policy" in policy
        assert b"localhost" not in policy
        assert b"127.0.0.1" not in policy
    local = reaching_loopback(files)["creator.html"].content
    assert (
        b"connect-src 'self' http://localhost:* http://127.0.0.1:* https://*.supabase.co" in local
    )


def test_a_file_of_no_known_kind_is_named(tmp_path: Path) -> None:
    (tmp_path / "music.xm").write_bytes(b"tune")
    with pytest.raises(SiteError, match=r"music\.xm: no content type is known for \.xm"):
        site_files({"": tmp_path})


def test_a_script_that_is_none_stops_the_publishing(tmp_path: Path) -> None:
    (tmp_path / "broken.js").write_text("const = 1;")
    with pytest.raises(SiteError, match=r"broken\.js"):
        site_files({"": tmp_path})


def test_an_empty_folder_is_no_site(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="nothing to publish"):
        site_files({"": tmp_path})

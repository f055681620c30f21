"""What Athena knows of the archive: a table over its files, views over that, and a workgroup."""

from collections.abc import Mapping

from aws_cdk import Aws
from aws_cdk import aws_athena as athena
from aws_cdk import aws_glue as glue
from constructs import Construct

from config import names
from config.archive_views import View, archive_views

RESULTS = "_results"
_MOST_SCANNED = 10 * 1000**3
"""Bytes; a query that would scan more is stopped at five cents."""
_COLUMNS = {
    "kind": "string",
    "id": "string",
    "session": "string",
    "ms": "bigint",
    "name": "string",
    "score": "bigint",
    "data": "string",
}
_HIVE = {"varchar": "string"}
"""What the catalogue calls a type that Athena's SQL calls otherwise."""


class ArchiveCatalogue(Construct):
    def __init__(self, scope: Construct, id: str, *, location: str) -> None:
        super().__init__(scope, id)
        database = glue.CfnDatabase(
            self,
            "Database",
            catalog_id=Aws.ACCOUNT_ID,
            database_input=glue.CfnDatabase.DatabaseInputProperty(name=names.ARCHIVE_DATABASE),
        )
        tables = {"Table": _table_over(location)}
        for view in archive_views():
            tables[f"View-{view.name}"] = _as_table(view)
        for name, table_input in tables.items():
            table = glue.CfnTable(
                self,
                name,
                catalog_id=Aws.ACCOUNT_ID,
                database_name=names.ARCHIVE_DATABASE,
                table_input=table_input,
            )
            table.add_resource_dependency(database)
        self._workgroup(f"{location}/{RESULTS}/")

    def _workgroup(self, results: str) -> None:
        athena.CfnWorkGroup(
            self,
            "WorkGroup",
            name=names.ARCHIVE_WORKGROUP,
            recursive_delete_option=True,
            work_group_configuration=athena.CfnWorkGroup.WorkGroupConfigurationProperty(
                bytes_scanned_cutoff_per_query=_MOST_SCANNED,
                enforce_work_group_configuration=True,
                result_configuration=athena.CfnWorkGroup.ResultConfigurationProperty(
                    output_location=results,
                    encryption_configuration=athena.CfnWorkGroup.EncryptionConfigurationProperty(
                        encryption_option="SSE_S3"
                    ),
                ),
            ),
        )


def _table_over(location: str) -> glue.CfnTable.TableInputProperty:
    return glue.CfnTable.TableInputProperty(
        name=names.ARCHIVE_TABLE,
        table_type="EXTERNAL_TABLE",
        partition_keys=_columns({"project": "string", "day": "string"}),
        # Partitions are reckoned, not registered: nobody has to tell Glue of a new day.
        parameters={
            "EXTERNAL": "TRUE",
            "classification": "json",
            "projection.enabled": "true",
            "projection.project.type": "injected",
            "projection.day.type": "date",
            "projection.day.format": "yyyy-MM-dd",
            "projection.day.range": "2026-01-01,NOW",
            "storage.location.template": f"{location}/project=${{project}}/day=${{day}}/",
        },
        storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
            location=f"{location}/",
            columns=_columns(_COLUMNS),
            input_format="org.apache.hadoop.mapred.TextInputFormat",
            output_format="org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            serde_info=glue.CfnTable.SerdeInfoProperty(
                serialization_library="org.openx.data.jsonserde.JsonSerDe"
            ),
        ),
    )


def _as_table(view: View) -> glue.CfnTable.TableInputProperty:
    """As Athena itself writes a view down, for which CloudFormation has no resource."""
    return glue.CfnTable.TableInputProperty(
        name=view.name,
        description=view.what,
        table_type="VIRTUAL_VIEW",
        parameters={"presto_view": "true", "comment": "Presto View"},
        view_original_text=view.text(names.ARCHIVE_DATABASE),
        view_expanded_text="/* Presto View */",
        storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
            columns=_columns({name: _HIVE.get(of, of) for name, of in view.columns.items()}),
            # Nothing is read by it, and without any the catalogue is refused.
            serde_info=glue.CfnTable.SerdeInfoProperty(name="-", serialization_library="-"),
        ),
    )


def _columns(types: Mapping[str, str]) -> list[glue.CfnTable.ColumnProperty]:
    return [glue.CfnTable.ColumnProperty(name=name, type=each) for name, each in types.items()]

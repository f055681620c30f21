"""The archive in Athena: a table over its files, views over the table, and a workgroup."""

from collections.abc import Mapping

from aws_cdk import Aws
from aws_cdk import aws_athena as athena
from aws_cdk import aws_glue as glue
from constructs import Construct

from config.archive_views import View, archive_views
from config.capabilities import archive

RESULTS = "_results"
_MOST_SCANNED = 10 * 1000**3
"""Bytes. Athena stops a query that would scan more, at five cents."""
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
"""The catalogue's names of types that have other names in Athena's SQL."""


class ArchiveCatalogue(Construct):
    def __init__(self, scope: Construct, id: str, *, location: str) -> None:
        super().__init__(scope, id)
        database = glue.CfnDatabase(
            self,
            "Database",
            catalog_id=Aws.ACCOUNT_ID,
            database_input=glue.CfnDatabase.DatabaseInputProperty(name=archive.DATABASE),
        )
        tables = {"Table": _table_over(location)}
        for view in archive_views():
            tables[f"View-{view.name}"] = _as_table(view)
        for name, table_input in tables.items():
            table = glue.CfnTable(
                self,
                name,
                catalog_id=Aws.ACCOUNT_ID,
                database_name=archive.DATABASE,
                table_input=table_input,
            )
            table.add_resource_dependency(database)
        self._workgroup(f"{location}/{RESULTS}/")

    def _workgroup(self, results: str) -> None:
        athena.CfnWorkGroup(
            self,
            "WorkGroup",
            name=archive.WORKGROUP,
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
        name=archive.TABLE,
        table_type="EXTERNAL_TABLE",
        partition_keys=_columns({"project": "string", "day": "string"}),
        # Athena computes the partitions, so that a new day needs no entry in Glue.
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
    """In the form that Athena itself writes. CloudFormation has no resource for views."""
    return glue.CfnTable.TableInputProperty(
        name=view.name,
        description=view.what,
        table_type="VIRTUAL_VIEW",
        parameters={"presto_view": "true", "comment": "Presto View"},
        view_original_text=view.text(archive.DATABASE),
        view_expanded_text="/* Presto View */",
        storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
            columns=_columns({name: _HIVE.get(of, of) for name, of in view.columns.items()}),
            # It is never used, but Glue refuses a table without one.
            serde_info=glue.CfnTable.SerdeInfoProperty(name="-", serialization_library="-"),
        ),
    )


def _columns(types: Mapping[str, str]) -> list[glue.CfnTable.ColumnProperty]:
    return [glue.CfnTable.ColumnProperty(name=name, type=each) for name, each in types.items()]

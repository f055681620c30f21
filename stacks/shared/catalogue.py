"""What tables, views and workgroups of Athena have in common."""

from collections.abc import Mapping

from aws_cdk import Aws
from aws_cdk import aws_athena as athena
from aws_cdk import aws_glue as glue
from constructs import Construct

from config.views import View

RESULTS = "_results"
_MOST_SCANNED = 10 * 1000**3
"""Bytes. Athena stops a query that would scan more, at five cents."""
_HIVE = {"varchar": "string", "integer": "int"}
"""The catalogue's names of types that have other names in Athena's SQL."""


class Database(Construct):
    """The tables of a database, over JSON files or as views."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        tables: Mapping[str, glue.CfnTable.TableInputProperty],
    ) -> None:
        super().__init__(scope, id)
        database = glue.CfnDatabase(
            self,
            "Database",
            catalog_id=Aws.ACCOUNT_ID,
            database_input=glue.CfnDatabase.DatabaseInputProperty(name=name),
        )
        for table_id, table_input in tables.items():
            table = glue.CfnTable(
                self,
                table_id,
                catalog_id=Aws.ACCOUNT_ID,
                database_name=name,
                table_input=table_input,
            )
            table.add_resource_dependency(database)


def add_workgroup(scope: Construct, name: str, results: str) -> None:
    athena.CfnWorkGroup(
        scope,
        "WorkGroup",
        name=name,
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


def table_of_json(
    name: str,
    location: str,
    *,
    columns: Mapping[str, str],
    partitions: Mapping[str, str],
    projection: Mapping[str, str],
) -> glue.CfnTable.TableInputProperty:
    """Athena computes the partitions, so that a new day needs no entry in Glue."""
    return glue.CfnTable.TableInputProperty(
        name=name,
        table_type="EXTERNAL_TABLE",
        partition_keys=_columns(partitions),
        parameters={
            "EXTERNAL": "TRUE",
            "classification": "json",
            "projection.enabled": "true",
            **projection,
        },
        storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
            location=f"{location}/",
            columns=_columns(columns),
            input_format="org.apache.hadoop.mapred.TextInputFormat",
            output_format="org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            serde_info=glue.CfnTable.SerdeInfoProperty(
                serialization_library="org.openx.data.jsonserde.JsonSerDe"
            ),
        ),
    )


def table_of_view(view: View, database: str) -> glue.CfnTable.TableInputProperty:
    """In the form that Athena itself writes. CloudFormation has no resource for views."""
    return glue.CfnTable.TableInputProperty(
        name=view.name,
        description=view.what,
        table_type="VIRTUAL_VIEW",
        parameters={"presto_view": "true", "comment": "Presto View"},
        view_original_text=view.text(database),
        view_expanded_text="/* Presto View */",
        storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
            columns=_columns({name: _HIVE.get(of, of) for name, of in view.columns.items()}),
            # It is never used, but Glue refuses a table without one.
            serde_info=glue.CfnTable.SerdeInfoProperty(name="-", serialization_library="-"),
        ),
    )


def _columns(types: Mapping[str, str]) -> list[glue.CfnTable.ColumnProperty]:
    return [glue.CfnTable.ColumnProperty(name=name, type=each) for name, each in types.items()]

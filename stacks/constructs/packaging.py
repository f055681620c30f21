"""The old path of stacks.shared.packaging. Delete it once no room imports it."""

from stacks.shared.packaging import ROOT as ROOT
from stacks.shared.packaging import Package as Package
from stacks.shared.packaging import PackagingError as PackagingError
from stacks.shared.packaging import function_package as function_package
from stacks.shared.packaging import imports_of as imports_of
from stacks.shared.packaging import library_layer as library_layer
from stacks.shared.packaging import services_called as services_called

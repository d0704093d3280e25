"""Assess an attribution system in five layers: this installation from its tables, or a dbt project from its manifest.

The layers and capabilities are rows of ``layers.toml``. An installation shows each by a query of ``evidence/``, one
file each; a dbt project by the signs of ``dbt_signs.toml``.
"""

from touchline.reports.assessment.dbt_project import assess_manifest
from touchline.reports.assessment.document import Assessment, Claim, Gap, LayerAssessment
from touchline.reports.assessment.installation import assess_installation

__all__ = ["Assessment", "Claim", "Gap", "LayerAssessment", "assess_installation", "assess_manifest"]

"""Click ids that prove a campaign, and those that links carry which people share or find for nothing."""

from attribution_campaign_context.registry import CLICK_IDS
from touchline.campaign_click_ids import campaign_click_ids


def test_what_somebody_paid_for_or_sent_proves_a_campaign() -> None:
    others = {"srsltid", "ysclid", "igshid", "igsh", "si", "fbclid", "epik", "_branch_match_id"}
    assert CLICK_IDS.keys() - campaign_click_ids() == others
    assert campaign_click_ids() - CLICK_IDS.keys() >= {"valuetrack", "meta_parameters"}

-- title = "Nobody owns or sponsors the AI agent"
-- severity = "high"
-- subject = "identity"
-- needs = ["identities", "ownership"]
-- absence = true
-- rationale = "An agent acts by itself: without an owner or sponsor nobody answers for what it did, or stops it."
-- fix = "Name an owner and a sponsor of the agent; disable what nobody claims."
-- maps_to = [
--     "NHI1:2025", "NIST-800-53r5:IA-4(9)", "CSF-2.0:GV.RR-02", "ISO-27001-2022:5.9", "SOC2:CC1.3", "NIS2-2024-2690:11.5.1",
--     "ITGC:access-provisioning", "CCM-4.0:IAM-03",
-- ]
-- source = "https://learn.microsoft.com/en-us/entra/agent-id/"
--
-- [[example]]
-- why = "the listing shows its owners, and there is none"
-- rows.identity = [{identity_id = "helper", provider = "azure", kind = "ai_agent"}]
-- expect = {helper = "fail"}
--
-- [[example]]
-- why = "a sponsor is named"
-- rows.identity = [{identity_id = "helper", provider = "azure", kind = "ai_agent"}]
-- rows.ownership = [{identity_id = "helper", owner_id = "ada@corp.example", basis = "sponsor"}]
-- expect = {helper = "pass"}
--
-- [[example]]
-- why = "owners were not listed"
-- rows.identity = [{identity_id = "helper", provider = "azure", kind = "ai_agent"}]
-- rows.coverage = [{fact = "identities", scope = "*", status = "collected"}]
-- expect = {helper = "unknown"}
--
-- [[example]]
-- why = "AWS lists its agents without tags: that none names an owner proves nothing"
-- rows.identity = [{identity_id = "helper", provider = "aws", kind = "ai_agent"}]
-- expect = {helper = "unknown"}

WITH owned AS (
    SELECT identity_id, min(owner_id) AS owner_id, list_sort(list(DISTINCT evidence)) AS evidence FROM ownership GROUP BY identity_id
)
SELECT
    i.identity_id AS subject_id,
    CASE WHEN o.identity_id IS NOT NULL THEN 'pass' WHEN i.provider = 'aws' THEN 'unknown' ELSE 'fail' END AS status,
    CASE WHEN o.identity_id IS NULL AND i.provider = 'aws' THEN 'no list names an owner, and its tags are not in the evidence'
        WHEN o.identity_id IS NULL THEN 'no owner and no sponsor is named' ELSE o.owner_id || ' answers for it' END AS reason,
    coalesce(o.evidence, [i.evidence]) AS evidence
FROM identity AS i
LEFT JOIN owned AS o ON o.identity_id = i.identity_id
WHERE i.kind = 'ai_agent' AND i.in_scope

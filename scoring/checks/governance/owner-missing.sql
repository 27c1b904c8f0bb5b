-- title = "Nobody owns the identity"
-- severity = "medium"
-- subject = "identity"
-- needs = ["identities", "ownership"]
-- absence = true
-- rationale = "Without an owner nobody rotates it, reviews it, answers for it or knows when it may go."
-- fix = "Name an owner in the tag or label `owner`, as the owner of the application, or in the template; delete what no team claims."
-- maps_to = [
--     "NHI1:2025", "NIST-800-53r5:IA-4(9)", "CSF-2.0:GV.RR-02", "ISO-27001-2022:5.9", "SOC2:CC1.3", "PCI-DSS-4.0:7.2.5",
--     "CIS-Controls-8:5.5", "NIS2-2024-2690:11.5.1", "ITGC:access-provisioning", "CCM-4.0:IAM-03", "NIST-800-53r5:CM-8(4)",
--     "NIST-800-53r5:AC-2",
-- ]
-- source = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html"
--
-- [[example]]
-- why = "the export shows its tags, and none names an owner"
-- rows.identity = [{identity_id = "batch"}]
-- expect = {batch = "fail"}
--
-- [[example]]
-- why = "a tag names the team"
-- rows.identity = [{identity_id = "orders"}]
-- rows.ownership = [{identity_id = "orders", owner_id = "payments"}]
-- expect = {orders = "pass"}
--
-- [[example]]
-- why = "neither tags nor a list of owners was supplied: that none is named proves nothing"
-- rows.identity = [{identity_id = "batch"}]
-- rows.coverage = [{fact = "identities", scope = "*", status = "collected"}]
-- expect = {batch = "unknown"}
--
-- [[example]]
-- why = "a system-assigned identity belongs to the resource it was made for; an agent is judged by agent-without-owner"
-- rows.identity = [
--     {identity_id = "batch"},
--     {identity_id = "vm", provider = "azure", kind = "managed_identity", native_type = "Microsoft.ManagedIdentity/systemAssigned"},
--     {identity_id = "helper", provider = "azure", kind = "ai_agent", native_type = "microsoft.graph.agentIdentity"},
-- ]
-- expect = {batch = "fail"}
--
-- [[example]]
-- why = "AWS shows no tags of those who come with a certificate"
-- rows.identity = [{identity_id = "cert", kind = "certificate_subject"}]
-- expect = {cert = "unknown"}

WITH owned AS (
    SELECT identity_id, min(owner_id) AS owner_id, list_sort(list(DISTINCT evidence)) AS evidence FROM ownership GROUP BY identity_id
)
SELECT
    i.identity_id AS subject_id,
    CASE WHEN o.identity_id IS NOT NULL THEN 'pass' WHEN i.kind = 'certificate_subject' THEN 'unknown' ELSE 'fail' END AS status,
    CASE WHEN o.identity_id IS NULL AND i.kind = 'certificate_subject' THEN 'no list names an owner, and its tags are not in the evidence'
        WHEN o.identity_id IS NULL THEN 'neither a tag nor a list names an owner' ELSE o.owner_id || ' owns it' END AS reason,
    coalesce(o.evidence, [i.evidence]) AS evidence
FROM identity AS i
LEFT JOIN owned AS o ON o.identity_id = i.identity_id
WHERE i.in_scope AND i.human <> 'human' AND i.kind NOT IN ('root', 'ai_agent') AND coalesce(i.native_type, '') NOT LIKE '%systemAssigned'

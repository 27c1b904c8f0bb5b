-- Active static credentials that are a way in, on one side ({side}).
CREATE TABLE progress.{side}_static AS
SELECT DISTINCT c.credential_id, c.kind
FROM {side}.access_path AS p
JOIN {side}.credential AS c ON c.credential_id = p.credential_id
WHERE p.mechanism LIKE 'static%' AND c.status = 'active' AND c.issuance NOT IN ('dynamic', 'federated', 'platform_attested');

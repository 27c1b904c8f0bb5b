-- The vocabulary of the product as tables. inventory/model.py holds the same tables as dataclasses; a test keeps them equal.
-- NULL always means "no source said": never "none", "no" or 0. Times are UTC. Every `evidence` value is `<source_id>#<record>`:
-- the file, and inside it the record, that say so. Result tables carry lists of them.
-- docs/data-model.md is generated from this file: the comment above a table and the comment behind a column are its text.

---------------------------------------------------------------------------------------------------------- evidence: sources

-- One file that was offered, read or not.
CREATE TABLE source (
    source_id        VARCHAR NOT NULL,  -- path below the folder that was assessed, `/` between parts; `exports.zip!/gaad.json` inside an archive
    collector        VARCHAR NOT NULL,  -- who reads this format: aws, secret_scanners, template …; `none` when no one does
    format           VARCHAR NOT NULL,  -- e.g. aws-gaad, gitleaks-json; `unknown` when not recognised
    scope            VARCHAR,           -- the account or repository it speaks about; NULL when it speaks of several or does not say
    collected_at     TIMESTAMP,         -- when the facts were true; NULL when nothing says so
    collected_basis  VARCHAR NOT NULL,  -- manifest, content, or assumed (nobody said: the assessment's as-of date stands in, and the coverage says so)
    newest_at        TIMESTAMP,         -- newest time found in any record; NULL when there is none
    records          BIGINT NOT NULL,   -- records read (principals, rows, findings: what the format counts)
    status           VARCHAR NOT NULL   -- read, partial, unreadable, unsupported
);

-- The bytes behind a source: the only table that differs when the same records come in another order.
CREATE TABLE run (
    source_id        VARCHAR NOT NULL,  -- source.source_id
    input_sha256     VARCHAR NOT NULL,  -- SHA-256 of the file as read, hex; empty when it could not be read
    bytes            BIGINT NOT NULL    -- size of the file
);

-- What was asked for and what came of it: silence is not success. A check whose facts are not `collected` for a scope cannot pass there.
CREATE TABLE coverage (
    fact             VARCHAR NOT NULL,  -- identities, policies, access_keys … (inventory.model.Fact)
    scope            VARCHAR NOT NULL,  -- account, project, subscription, tenant, repository, or `*` for all
    status           VARCHAR NOT NULL,  -- collected, partial, denied, missing, unreadable, stale
    reason           VARCHAR,           -- why it is not `collected`, and what to supply
    collected_at     TIMESTAMP,         -- date of the newest evidence for it
    evidence         VARCHAR            -- source that says so; NULL when there is none
);

-- Every record that spoke of a subject: the way from a merged row back to all of its evidence.
CREATE TABLE sighting (
    subject_kind     VARCHAR NOT NULL,  -- identity, credential, entitlement, trust, workload, resource, exposure …: the table's name
    subject_id       VARCHAR NOT NULL,  -- that table's key
    evidence         VARCHAR NOT NULL   -- source_id#record
);

------------------------------------------------------------------------------------------------------------ evidence: facts

-- An account, project or subscription that is ours: its evidence comes from inside, or the organisation lists it.
CREATE TABLE account (
    scope            VARCHAR NOT NULL,  -- its id
    provider         VARCHAR NOT NULL,
    name             VARCHAR,           -- as people call it
    environment      VARCHAR,           -- when the whole account belongs to one environment
    evidence         VARCHAR NOT NULL
);

-- Another name under which a source speaks of an identity: an instance profile, an application's id, a service account's number.
CREATE TABLE alias (
    alias            VARCHAR NOT NULL,
    identity_id      VARCHAR NOT NULL,
    evidence         VARCHAR NOT NULL
);

-- Anything that can authenticate or be granted access: a role, a user, an application. One row each, merged over all sources.
CREATE TABLE identity (
    identity_id      VARCHAR NOT NULL,  -- provider's unique id: an ARN, `serviceAccount:<email>`, `azure:<object id>`
    provider         VARCHAR NOT NULL,  -- aws, gcp, azure, github …
    scope            VARCHAR,           -- account, project, subscription or tenant
    name             VARCHAR NOT NULL,  -- as people call it
    kind             VARCHAR NOT NULL,  -- iam_role, service_account, machine, database_account … (inventory.model.IdentityKind)
    native_type      VARCHAR,           -- provider's own word: AWS::IAM::Role …
    human            VARCHAR NOT NULL,  -- human, nonhuman, unknown
    human_basis      VARCHAR,           -- why, in one sentence
    in_scope         BOOLEAN NOT NULL,  -- false: listed, never placed
    scope_reason     VARCHAR,           -- why it is out of scope
    status           VARCHAR NOT NULL,  -- active, disabled, unknown
    environment      VARCHAR,           -- production, staging, development … as the source names it
    team             VARCHAR,           -- team that runs it, from tags or declared
    purpose          VARCHAR,           -- what it is for, from description or tags
    created_at       TIMESTAMP,         -- NULL: not said
    last_used_at     TIMESTAMP,         -- last authentication or assumption seen; NULL: see last_used_known
    last_used_known  BOOLEAN NOT NULL,  -- true with last_used_at NULL: the source tracks use and saw none
    evidence         VARCHAR NOT NULL   -- record that sets the row
);

-- One credential: which one, where it rests, how it is issued and how long it lives are separate columns.
CREATE TABLE credential (
    credential_id    VARCHAR NOT NULL,  -- unique over the snapshot
    identity_id      VARCHAR,           -- whose it is; NULL: nobody said (a password in an env var)
    provider         VARCHAR NOT NULL,  -- aws …; `other` for what is found outside a provider
    scope            VARCHAR,           -- account or repository
    name             VARCHAR NOT NULL,  -- as shown: key id, secret name, variable name. Never a value
    kind             VARCHAR NOT NULL,  -- access_key, password, service_specific, stored_secret … (CredentialKind)
    role             VARCHAR NOT NULL,  -- identity (only buys tokens), access, combined (one static secret does both), unknown
    native_id        VARCHAR,           -- provider's id (AKIA…, secret ARN); NULL: the source does not give it
    fingerprint      VARCHAR,           -- HMAC-SHA256 of key id or value under the workspace's key; NULL: nothing to take it from
    storage          VARCHAR NOT NULL,  -- where it rests: secrets_manager, env_var, config_file, cicd_store, source_code … unknown (Storage)
    storage_basis    VARCHAR NOT NULL,  -- observed, inferred, declared, unknown
    storage_evidence VARCHAR,           -- record that says where it rests
    store_id         VARCHAR,           -- secret_store.store_id or workload.workload_id that holds it
    isolation        VARCHAR NOT NULL,  -- isolated (one environment), shared, unknown
    issuance         VARCHAR NOT NULL,  -- manual, auto_rotated, dynamic, federated, platform_attested, unknown
    ttl_seconds      BIGINT,            -- lifetime of what it buys or of itself when dynamic
    created_at       TIMESTAMP,
    rotated_at       TIMESTAMP,         -- last change of value; for an access key its creation
    last_used_at     TIMESTAMP,         -- NULL: see last_used_known
    last_used_known  BOOLEAN NOT NULL,  -- true with last_used_at NULL: use is tracked and none was seen
    last_used_service VARCHAR,          -- service of the last use, lower case: sts, s3 …
    expires_at       TIMESTAMP,
    never_expires    BOOLEAN,           -- NULL: not said
    rotation_days    BIGINT,            -- automatic rotation interval
    status           VARCHAR NOT NULL,  -- active, inactive, expired, unknown
    evidence         VARCHAR NOT NULL
);

-- A policy attached to an identity, or a role granted to it. The document is shared: expand it once, attach it many times.
CREATE TABLE entitlement (
    identity_id      VARCHAR NOT NULL,
    document_id      VARCHAR,           -- policy_document.document_id; NULL: attached, but its text was not in the evidence
    via              VARCHAR NOT NULL,  -- AWS: inline, managed, group_inline, group_managed, boundary, eks_access (into a cluster); GCP and Azure: role, eligible, deny, app_role, delegated, directory_role, access_policy (Key Vault), requested (asked for, not granted), group (membership); definition: the text itself
    policy_name      VARCHAR NOT NULL,
    policy_id        VARCHAR,           -- ARN of a managed policy; id of a role or permission
    group_name       VARCHAR,           -- group it comes through
    resource         VARCHAR,           -- what it is granted on: GCP full resource name, Azure scope, Graph app, eks:<cluster>/<namespaces>; NULL: the policy says it itself (AWS)
    conditional      BOOLEAN,           -- a condition limits it; NULL: not said, or in the text (AWS)
    condition        VARCHAR,           -- that condition as JSON (GCP: title, description, expression); NULL: none, or the source leaves it out
    changed_at       TIMESTAMP,         -- last change of the policy's text or of the grant; NULL: not said
    evidence         VARCHAR NOT NULL
);

-- A policy that limits what every identity of a scope may do, whatever it is granted: SCP, RCP.
CREATE TABLE ceiling (
    scope            VARCHAR NOT NULL,  -- account that it binds; `*`: all of the organisation but its management account; a unit's id: the unit's accounts, which nobody exported
    kind             VARCHAR NOT NULL,  -- scp, rcp; exempt: the scope is the management account, which none binds
    level            VARCHAR NOT NULL,  -- what it is attached to: root, unit or account id. Each level must allow an action
    policy_id        VARCHAR NOT NULL,
    policy_name      VARCHAR NOT NULL,
    document_id      VARCHAR NOT NULL,  -- policy_document.document_id
    evidence         VARCHAR NOT NULL
);

-- A policy attached to a resource: it may grant access that no identity's policy shows.
CREATE TABLE resource_policy (
    resource_id      VARCHAR NOT NULL,  -- ARN
    provider         VARCHAR NOT NULL,
    scope            VARCHAR,
    document_id      VARCHAR NOT NULL,  -- policy_document.document_id
    evidence         VARCHAR NOT NULL
);

-- A distinct policy text.
CREATE TABLE policy_document (
    document_id      VARCHAR NOT NULL,  -- SHA-256 of the canonical JSON, first 32 hex digits
    document         VARCHAR NOT NULL   -- canonical JSON: sorted keys, no white space
);

-- One statement pattern of a distinct policy document, judged once against the action catalogue.
CREATE TABLE policy_permission (
    document_id      VARCHAR NOT NULL,
    statement        BIGINT NOT NULL,   -- index of the statement, from 0
    sid              VARCHAR,
    effect           VARCHAR NOT NULL,  -- Allow, Deny
    action_pattern   VARCHAR NOT NULL,  -- as written, lower case
    negated          BOOLEAN NOT NULL,  -- true: NotAction
    service          VARCHAR,           -- service prefix; NULL for `*`
    known            BOOLEAN NOT NULL,  -- false: the catalogue does not know the service or no action matches; the literal is kept
    actions          BIGINT NOT NULL,   -- actions the pattern stands for in the catalogue
    access_levels    VARCHAR[] NOT NULL, -- distinct access levels of those actions
    all_resources    BOOLEAN NOT NULL,  -- Resource is `*` (NotResource counts as all)
    conditional      BOOLEAN NOT NULL   -- has a Condition
);

-- Who may become an identity: one row per principal of a trust policy.
CREATE TABLE trust (
    trust_id         VARCHAR NOT NULL,
    identity_id      VARCHAR NOT NULL,  -- the identity that trusts
    principal_kind   VARCHAR NOT NULL,  -- service, account, principal, oidc, saml, anonymous, unknown
    principal        VARCHAR NOT NULL,  -- lambda.amazonaws.com, an identity, an account or tenant id, an issuer or pool, `*`
    principal_scope  VARCHAR,           -- account, project or tenant of the principal
    human            BOOLEAN NOT NULL,  -- true: SAML or reserved SSO, i.e. people
    external_id      BOOLEAN NOT NULL,  -- true: the condition asks for sts:ExternalId
    subject_pattern  VARCHAR,           -- OIDC sub condition, as written
    audience         VARCHAR,           -- OIDC aud condition
    conditional      BOOLEAN,           -- AWS: a condition beyond the account's own id keeps some of them out; NULL: not said
    safety           VARCHAR NOT NULL,  -- safe, unsafe, unknown
    safety_reason    VARCHAR,           -- why, in one sentence
    evidence         VARCHAR NOT NULL
);

-- An outside issuer whose tokens are taken: an OIDC or SAML provider, a GCP workload identity pool's provider.
CREATE TABLE federation (
    federation_id    VARCHAR NOT NULL,  -- provider's id: ARN, GCP resource name
    provider         VARCHAR NOT NULL,
    scope            VARCHAR,
    pool             VARCHAR,           -- pool it belongs to (GCP); trust.principal names the pool
    name             VARCHAR NOT NULL,
    kind             VARCHAR NOT NULL,  -- oidc, saml, aws, x509; pool: a pool that is off, and with it every provider of it
    issuer           VARCHAR,           -- URL of the issuer, or the AWS account; NULL: not said
    audiences        VARCHAR[],         -- NULL: not said
    condition        VARCHAR,           -- what a token must meet, as written (GCP attributeCondition)
    safety           VARCHAR NOT NULL,  -- safe, unsafe, unknown: whether it lets only known workloads in
    safety_reason    VARCHAR,
    status           VARCHAR NOT NULL,  -- active, disabled, unknown
    evidence         VARCHAR NOT NULL
);

-- Something that runs: a function, a task definition, an instance.
CREATE TABLE workload (
    workload_id      VARCHAR NOT NULL,
    provider         VARCHAR NOT NULL,
    scope            VARCHAR,
    kind             VARCHAR NOT NULL,  -- lambda_function, ecs_task, ec2_instance …
    name             VARCHAR NOT NULL,
    region           VARCHAR,
    environment      VARCHAR,
    team             VARCHAR,
    identity_id      VARCHAR,           -- native identity attached; NULL: none
    env_names        VARCHAR[],         -- names of its environment variables, never values; NULL: the source cannot tell
    evidence         VARCHAR NOT NULL
);

-- A place that keeps credentials.
CREATE TABLE secret_store (
    store_id         VARCHAR NOT NULL,
    provider         VARCHAR NOT NULL,
    scope            VARCHAR,
    kind             VARCHAR NOT NULL,  -- aws_secrets_manager, vault …
    name             VARCHAR NOT NULL,
    approved         BOOLEAN,           -- approved as the organisation's manager; NULL: nobody said
    access_logged    BOOLEAN,           -- reads are logged; NULL: nobody said
    evidence         VARCHAR NOT NULL
);

-- A place in code, history, image or log where a scanner saw a credential. De-duplicated over scanners.
CREATE TABLE secret_exposure (
    exposure_id      VARCHAR NOT NULL,
    scope            VARCHAR,           -- repository; NULL: the report does not name it
    path             VARCHAR NOT NULL,  -- normalised: `/`, no leading `./` or `/`
    line             BIGINT,
    commit_sha       VARCHAR,
    location_kind    VARCHAR NOT NULL,  -- source_code, git_history, container_image, ci_log, collab, other
    rules            VARCHAR[] NOT NULL, -- `scanner:rule` of every scanner that reported the place
    credential_kind  VARCHAR NOT NULL,  -- from the rule (CredentialKind)
    fingerprints     VARCHAR[] NOT NULL, -- keyed fingerprints of what was seen there; empty when the scanner gives no value
    credential_id    VARCHAR,           -- credential it matches, by key id or fingerprint
    author           VARCHAR,
    introduced_at    TIMESTAMP,
    state            VARCHAR NOT NULL,  -- open, resolved
    resolution       VARCHAR,           -- revoked, false_positive, used_in_tests …
    validity         VARCHAR NOT NULL,  -- active, inactive, unknown: as the scanner or provider verified it
    public           BOOLEAN,           -- readable by anyone; NULL: not said
    evidence         VARCHAR NOT NULL
);

-- A repository or image that ought to be scanned, and when it last was.
CREATE TABLE scan_target (
    target_id        VARCHAR NOT NULL,  -- repository or image name
    kind             VARCHAR NOT NULL,  -- repository, image
    in_scope         BOOLEAN,           -- true: listed as ours; NULL: known only from a scan
    scanned_at       TIMESTAMP,         -- last scan; NULL: never, or the report does not say when
    scanned          BOOLEAN NOT NULL,  -- a report for it was supplied
    evidence         VARCHAR NOT NULL
);

-- A resource and whether it answers callers with no identity.
CREATE TABLE resource (
    resource_id      VARCHAR NOT NULL,  -- ARN
    provider         VARCHAR NOT NULL,
    scope            VARCHAR,
    kind             VARCHAR NOT NULL,  -- s3_bucket, lambda_function_url, sqs_queue …
    name             VARCHAR NOT NULL,
    environment      VARCHAR,
    team             VARCHAR,
    public           VARCHAR NOT NULL,  -- yes, no, unknown
    public_reason    VARCHAR NOT NULL,  -- statement or setting that decides it
    evidence         VARCHAR NOT NULL
);

-- A rule of the organisation that binds identities: SCP, RCP, organisation policy, Azure Policy, logging.
CREATE TABLE guardrail (
    guardrail_id     VARCHAR NOT NULL,
    scope            VARCHAR NOT NULL,  -- account, project, subscription or tenant it covers; `*`: all of its provider
    kind             VARCHAR NOT NULL,  -- workload_policy (SCP, RCP, organisation policy …), audit_log (from exports alone also public_access_block: S3 keeps buckets of the account from the public)
    name             VARCHAR NOT NULL,
    enforcement      VARCHAR NOT NULL,  -- enforced, audit, off, unknown
    basis            VARCHAR NOT NULL,  -- observed, declared
    evidence         VARCHAR NOT NULL
);

-- A service (and action, where tracked) that an identity called; a row for each length that sources look back.
CREATE TABLE usage (
    identity_id      VARCHAR NOT NULL,
    service          VARCHAR NOT NULL,  -- service prefix, lower case
    action           VARCHAR,           -- action name; NULL: known for the service as a whole
    last_at          TIMESTAMP,         -- NULL: tracked, never called
    window_days      BIGINT,            -- how far back the source looks; NULL: not said
    evidence         VARCHAR NOT NULL
);

-- What a source watched as a whole: whether an identity authenticated, or which permissions of one grant were used. What it does not name
-- as used, within its window was not.
CREATE TABLE observation (
    identity_id      VARCHAR NOT NULL,
    policy_id        VARCHAR,           -- role of the grant that was watched; NULL: the identity's authentication
    resource         VARCHAR,           -- where that role is granted
    condition        VARCHAR,           -- expression of the grant's condition; NULL: none
    used             VARCHAR[],         -- permissions of the grant that were used; NULL: not what was watched
    inferred         VARCHAR[],         -- permissions not seen in use that the source takes to be needed
    until            TIMESTAMP,         -- end of what was watched; NULL: not said
    window_days      BIGINT,            -- how far back from there; NULL: not said
    evidence         VARCHAR NOT NULL
);

-- A person or team.
CREATE TABLE owner (
    owner_id         VARCHAR NOT NULL,  -- e-mail, team name
    kind             VARCHAR NOT NULL,  -- person, team, unknown
    status           VARCHAR NOT NULL,  -- active, departed, unknown
    evidence         VARCHAR NOT NULL
);

-- Who answers for an identity.
CREATE TABLE ownership (
    identity_id      VARCHAR NOT NULL,
    owner_id         VARCHAR NOT NULL,
    basis            VARCHAR NOT NULL,  -- tag, declared, directory (owners in Entra), sponsor (of agents in Entra)
    evidence         VARCHAR NOT NULL
);

------------------------------------------------------------------------------------------------------------------- judgement

-- One way in: an identity with a credential, a trust, or a resource without any. Placed as an interval, each bound with its evidence.
CREATE TABLE access_path (
    path_id          VARCHAR NOT NULL,
    subject_kind     VARCHAR NOT NULL,  -- what is placed: identity, credential (whose owner nobody named) or resource (open to anyone)
    subject_id       VARCHAR NOT NULL,
    credential_id    VARCHAR,
    trust_id         VARCHAR,
    mechanism        VARCHAR NOT NULL,  -- anonymous, static_direct, static_exchanged, static_unknown, static_not_listed, native, certificate, chain, chain_unknown, pool_unknown, trust_unknown, trust_not_listed, third_party
    rule             VARCHAR NOT NULL,  -- id of the placement rule in scoring/stages.toml
    stage_lo         BIGINT NOT NULL,   -- 1 to 7: no evidence allows a claim above it
    stage_hi         BIGINT NOT NULL,   -- 1 to 7: no evidence forbids it
    lo_reason        VARCHAR NOT NULL,  -- what holds the lower bound down
    hi_reason        VARCHAR NOT NULL,  -- what caps the upper bound
    lo_evidence      VARCHAR[] NOT NULL,
    hi_evidence      VARCHAR[] NOT NULL,
    to_settle        VARCHAR,           -- evidence that would make it a point; NULL when it is one
    flags            VARCHAR[] NOT NULL, -- unsafe_trust, third_party, secret_in_code …
    critical         BOOLEAN NOT NULL   -- admin-equivalent, or privilege not known: holds `attained` back
);

-- Where a subject stands: its weakest active path.
CREATE TABLE placement (
    subject_kind     VARCHAR NOT NULL,
    subject_id       VARCHAR NOT NULL,
    name             VARCHAR NOT NULL,
    kind             VARCHAR NOT NULL,  -- identity kind, credential kind or resource kind
    provider         VARCHAR NOT NULL,
    scope            VARCHAR,
    environment      VARCHAR,
    team             VARCHAR,
    stage_lo         BIGINT,            -- NULL: no active path
    stage_hi         BIGINT,
    lo_path_id       VARCHAR,           -- path that sets the lower bound
    hi_path_id       VARCHAR,           -- path that sets the upper bound
    paths            BIGINT NOT NULL,   -- active paths
    mixed            BOOLEAN NOT NULL,  -- has a native path and a weaker one
    privilege        VARCHAR NOT NULL   -- admin, write, read, none, unknown
);

-- Everything that can be judged. What belongs to an identity carries the identity's tags, and what is placed those of its placement.
CREATE TABLE subject (
    subject_kind     VARCHAR NOT NULL,  -- identity, credential, workload, resource, exposure or scope (an account, or what was scanned)
    subject_id       VARCHAR NOT NULL,
    name             VARCHAR,
    scope            VARCHAR,           -- whose coverage counts for it
    identity_id      VARCHAR,           -- that it belongs to
    provider         VARCHAR,
    team             VARCHAR,
    environment      VARCHAR,
    kind             VARCHAR            -- of the identity that it belongs to, else its own
);

-- How much an identity may do, as far as its own policies tell.
CREATE TABLE privilege (
    identity_id      VARCHAR NOT NULL,
    privilege        VARCHAR NOT NULL,  -- admin, write, read, none, unknown
    reason           VARCHAR NOT NULL,  -- statement or gap that decides it
    evidence         VARCHAR[] NOT NULL
);

-- What an identity is granted against what it was seen to use, counted in permissions of the provider's catalogue.
CREATE TABLE least_privilege (
    identity_id      VARCHAR NOT NULL,
    granted          BIGINT,            -- permissions it may hold on some resource; NULL: not known
    used             BIGINT,
    unused           BIGINT,            -- evidence that covers them shows no use within the window
    likely_unused    BIGINT,            -- no use seen, by a source that may miss some
    unknown          BIGINT,            -- nothing tells whether they are used
    weight           BIGINT,            -- of all granted (scoring/least_privilege/weights.toml)
    weight_unused    BIGINT,            -- of the unused
    weight_open      BIGINT,            -- of the likely unused and unknown: the permission-creep index lies between 100*unused/all and 100*(unused+open)/all
    window_days      BIGINT,            -- how far back the evidence of use looks; NULL: there is none
    action           VARCHAR NOT NULL,  -- narrow, disable, wait, none, unknown: what is proposed
    confidence       VARCHAR,           -- high, medium, low; NULL: nothing is proposed
    guards           VARCHAR[] NOT NULL, -- reasons to wait
    reason           VARCHAR NOT NULL,  -- one sentence
    evidence         VARCHAR[] NOT NULL
);

-- A way by which an identity that is no administrator gets more than its own permissions.
CREATE TABLE escalation (
    identity_id      VARCHAR NOT NULL,
    path_id          VARCHAR NOT NULL,  -- id in the provider's catalogue of paths: iam-001
    target_id        VARCHAR,           -- identity that it gets hold of; NULL: its own permissions grow
    gains            VARCHAR NOT NULL,  -- privilege at the end: admin, write, read, unknown
    certainty        VARCHAR NOT NULL,  -- certain: nothing in the evidence stands in the way; possible: a condition, a scope or missing evidence may
    steps            VARCHAR[] NOT NULL, -- in order, each with the statement or role that allows it
    reason           VARCHAR NOT NULL,  -- one sentence
    evidence         VARCHAR[] NOT NULL
);

-- An outside account that is trusted, and whose it is by the vendors' own word: a name to ask, not a reason to trust.
CREATE TABLE vendor (
    scope            VARCHAR NOT NULL,  -- its id
    provider         VARCHAR NOT NULL,
    name             VARCHAR NOT NULL
);

-- One check over its whole population.
CREATE TABLE check_result (
    check_id         VARCHAR NOT NULL,
    severity         VARCHAR NOT NULL,  -- critical, high, medium, low
    population       BIGINT NOT NULL,   -- subjects judged
    passed           BIGINT NOT NULL,
    failed           BIGINT NOT NULL,
    unknown          BIGINT NOT NULL,
    reason           VARCHAR            -- why nothing could be judged; NULL when something was
);

-- The same per provider, for frameworks that speak of one provider only.
CREATE TABLE check_count (
    check_id         VARCHAR NOT NULL,
    provider         VARCHAR,           -- NULL: subjects of no provider, such as repositories
    population       BIGINT NOT NULL,
    passed           BIGINT NOT NULL,
    failed           BIGINT NOT NULL,
    unknown          BIGINT NOT NULL
);

-- A subject for which a check failed or could not tell. Passes are counted in check_result.
CREATE TABLE finding (
    check_id         VARCHAR NOT NULL,
    subject_kind     VARCHAR NOT NULL,
    subject_id       VARCHAR NOT NULL,
    subject_name     VARCHAR NOT NULL,
    identity_id      VARCHAR,           -- identity the subject belongs to
    scope            VARCHAR,
    status           VARCHAR NOT NULL,  -- fail, unknown
    severity         VARCHAR NOT NULL,
    reason           VARCHAR NOT NULL,
    evidence         VARCHAR[] NOT NULL
);

-- One of the five questions, or of our two supplementary ones.
CREATE TABLE question (
    question_id      VARCHAR NOT NULL,  -- Q1 … Q5, S1, S4
    literal          VARCHAR NOT NULL,  -- yes, partly, no, unknown, not_applicable: the answer to the words of the question
    met              VARCHAR NOT NULL,  -- the same with polarity removed: yes is always good
    lo               DOUBLE,            -- share met if every unknown fails; NULL: nothing to count
    hi               DOUBLE,            -- share met if every unknown passes
    numerator        BIGINT NOT NULL,   -- subjects that pass
    denominator      BIGINT NOT NULL,   -- pass + fail + unknown
    unknown          BIGINT NOT NULL,
    reason           VARCHAR NOT NULL,  -- one sentence
    data_date        TIMESTAMP          -- oldest date of the evidence used; NULL: none
);

-- One subject counted for a question.
CREATE TABLE question_item (
    question_id      VARCHAR NOT NULL,
    subject_kind     VARCHAR NOT NULL,
    subject_id       VARCHAR NOT NULL,
    status           VARCHAR NOT NULL,  -- pass, fail, unknown
    reason           VARCHAR NOT NULL,
    evidence         VARCHAR[] NOT NULL
);

-- One metric (scoring/metrics), over all or one group: a figure with its bounds. Its unit stands in its file: percent, ratio, count or days.
CREATE TABLE metric (
    metric_id        VARCHAR NOT NULL,
    dimension        VARCHAR NOT NULL,  -- all, provider, environment, team, scope
    grp              VARCHAR,           -- value of the dimension; NULL: all, or no source said
    lo               DOUBLE,            -- least that the evidence allows; days: the median; NULL: nothing to count
    hi               DOUBLE,            -- most that it allows; NULL: no bound, or nothing to count
    p90_lo           DOUBLE,            -- days that nine of ten do not exceed, at least; NULL: not a metric of days
    p90_hi           DOUBLE,            -- and at most
    numerator        BIGINT NOT NULL,   -- what counts (percent, ratio, count), or subjects whose days are known
    denominator      BIGINT NOT NULL,   -- all that could count; ratio: what it is compared with
    unknown          BIGINT NOT NULL,
    data_date        TIMESTAMP,         -- oldest date of the evidence it needs; NULL: none
    reason           VARCHAR            -- why there is no value or no bound, and what may be missing from it
);

-- Decisions laid over a snapshot. Beside it, never in it: nothing of `main` is changed.

CREATE OR REPLACE TABLE decided.answer (
    answer_id VARCHAR, question VARCHAR, tags MAP(VARCHAR, VARCHAR), answer VARCHAR, criteria VARCHAR[], note VARCHAR, links VARCHAR[], who VARCHAR, decided_at TIMESTAMP
);

-- `holds`: not past its day. `problem`: why it is about nothing here.
CREATE OR REPLACE TABLE decided.exception (
    exception_id VARCHAR, about VARCHAR, checks VARCHAR[], reason VARCHAR, approver VARCHAR, expires DATE, holds BOOLEAN, who VARCHAR, decided_at TIMESTAMP
);

CREATE OR REPLACE TABLE decided.owner (owner_id VARCHAR, about VARCHAR, owner VARCHAR, note VARCHAR, who VARCHAR, decided_at TIMESTAMP);

CREATE OR REPLACE TABLE decided.action (
    action_id VARCHAR, title VARCHAR, move VARCHAR, about VARCHAR, owner VARCHAR, due DATE, status VARCHAR, note VARCHAR, who VARCHAR, decided_at TIMESTAMP
);

CREATE OR REPLACE TABLE decided.target (
    target_id VARCHAR, about VARCHAR, tags MAP(VARCHAR, VARCHAR), stage BIGINT, due DATE, phase VARCHAR, note VARCHAR, who VARCHAR, decided_at TIMESTAMP
);

-- Which subjects of this snapshot a decision is about.
CREATE OR REPLACE TABLE decided.about (kind VARCHAR, id VARCHAR, subject_kind VARCHAR, subject_id VARCHAR);

-- What the decisions name: a part of the estate by its tags (NULL: any), or ids.
CREATE OR REPLACE TABLE decided.part (
    decision VARCHAR, id VARCHAR, team VARCHAR, environment VARCHAR, provider VARCHAR, account VARCHAR, kind VARCHAR
);

CREATE OR REPLACE TABLE decided.named (decision VARCHAR, id VARCHAR, asked_id VARCHAR);

-- Decisions that are about nothing here, or whose query fails.
CREATE OR REPLACE TABLE decided.problem (kind VARCHAR, id VARCHAR, problem VARCHAR);

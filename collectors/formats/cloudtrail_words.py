"""What CloudTrail's own words mean in the words of ``access_events``: the act, and whether it was allowed.

Whoever reads a row may count on its ``operation`` being the event's own name; these lists decide only the coarse act.
"""

import re

# Services that are about who may do what, and about what is being recorded: any change there is administration.
ADMINISTRATION = frozenset(
    f"{name}.amazonaws.com"
    for name in (
        "iam",
        "cloudtrail",
        "config",
        "guardduty",
        "securityhub",
        "access-analyzer",
        "organizations",
        "account",
        "sso",
        "sso-directory",
        "identitystore",
        "rolesanywhere",
        "macie2",
        "inspector2",
        "ram",
    )
)
# Names that open access or blind a log in the other services.
ADMIN_NAMES = frozenset(
    (
        "DeleteFlowLogs",
        "DeleteLogGroup",
        "DeleteLogStream",
        "PutRetentionPolicy",
        "DeleteRetentionPolicy",
        "PutBucketLogging",
        "PutBucketPolicy",
        "DeleteBucketPolicy",
        "PutBucketAcl",
        "PutObjectAcl",
        "PutBucketPublicAccessBlock",
        "DeleteBucketPublicAccessBlock",
        "PutAccountPublicAccessBlock",
        "DeleteAccountPublicAccessBlock",
        "PutBucketVersioning",
        "PutBucketLifecycle",
        "PutBucketLifecycleConfiguration",
        "DeleteBucketLifecycle",
        "PutBucketReplication",
        "DeleteBucketEncryption",
        "DisableKey",
        "ScheduleKeyDeletion",
        "PutKeyPolicy",
        "CreateGrant",
        "AuthorizeSecurityGroupIngress",
        "AuthorizeSecurityGroupEgress",
        "RevokeSecurityGroupIngress",
        "RevokeSecurityGroupEgress",
        "ModifyInstanceAttribute",
        "PutResourcePolicy",
        "DeleteResourcePolicy",
        "DisassociateWebACL",
        "DeleteWebACL",
        "DeleteAlarms",
        "DisableAlarmActions",
        "DisableRule",
        "DeleteRule",
    )
)
SIGN_IN = "ConsoleLogin"
SHARE = frozenset({"ModifySnapshotAttribute", "ModifyDBSnapshotAttribute", "ModifyImageAttribute"})
EXPORT = re.compile(r"(?:Start|Create)?Export|(?:Create|Start)\w*Export|Copy(?:DB)?(?:Cluster)?Snapshot")
SEARCH = re.compile(r"Search|Query|Scan(?!ner)|StartQuery|LookupEvents")
READ = re.compile(r"Get|List|Describe|Head|Lookup|BatchGet|Select|View|Check|Download|Decrypt|Test|Simulate|Validate")
DELETE = re.compile(r"Delete|Terminate|Remove|Purge|Deregister|BatchDelete")
DENIED = re.compile(
    r"AccessDenied|Unauthorized|NotAuthorized|Forbidden|AuthFailure|InvalidClientToken|ExpiredToken", re.I
)


def action(name: str, service: str, read_only: str | None, sign_in: str | None) -> str:
    """The act of an event, one of the codes of ``access_events.action``."""
    if name == SIGN_IN:
        return "login_ok" if sign_in == "Success" else "login_ng"
    reads = READ.match(name) is not None or read_only == "true"
    if name in ADMIN_NAMES or (service in ADMINISTRATION and not reads):
        return "admin"
    if name in SHARE or EXPORT.match(name):
        return "export"
    if SEARCH.match(name):
        return "search"
    if reads:
        return "read"
    return "delete" if DELETE.match(name) else "update"


def result(name: str, error: str | None, sign_in: str | None) -> str:
    """How an event ended, one of the codes of ``access_events.result``."""
    if name == SIGN_IN:
        return "ok" if sign_in == "Success" else "denied"
    if error is None:
        return "ok"
    return "denied" if DENIED.search(error) else "error"

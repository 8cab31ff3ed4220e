# Kept takes access away that was ordered to go.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "principal" {
  type        = string
  description = "ARN of the user or role whose credentials Kept has been given."
}

variable "external_id" {
  type        = string
  sensitive   = true
  description = "The external id of the connection; the same in every account."

  validation {
    condition     = length(var.external_id) >= 16
    error_message = "An external id has at least 16 characters."
  }
}

variable "role_name" {
  type        = string
  default     = "KeptActor"
  description = "As the connection's settings name it; the same in every account."
}

variable "organisation_account" {
  type        = bool
  default     = false
  description = "True in the one account in which the organisation and IAM Identity Center are changed."
}

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [var.principal]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }
  }
}

data "aws_iam_policy_document" "account" {
  statement {
    actions = [
      "iam:DeleteLoginProfile",
      "iam:DeleteUserPolicy",
      "iam:DetachUserPolicy",
      "iam:ListAccessKeys",
      "iam:UpdateAccessKey",
    ]
    resources = ["arn:${data.aws_partition.this.partition}:iam::${data.aws_caller_identity.this.account_id}:user/*"]
  }

  statement {
    actions = [
      "iam:RemoveUserFromGroup",
    ]
    resources = ["arn:${data.aws_partition.this.partition}:iam::${data.aws_caller_identity.this.account_id}:group/*"]
  }
}

data "aws_iam_policy_document" "organisation" {
  statement {
    actions = [
      "identitystore:DeleteGroupMembership",
      "identitystore:GetGroupId",
      "identitystore:GetGroupMembershipId",
      "identitystore:GetUserId",
      "sso:DeleteAccountAssignment",
      "sso:DescribeAccountAssignmentDeletionStatus",
      "sso:DescribePermissionSet",
      "sso:ListInstances",
      "sso:ListPermissionSets",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_role" "this" {
  name                 = var.role_name
  description          = "Kept takes access away that was ordered to go."
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "account" {
  name   = "take-access-away"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.account.json
}

resource "aws_iam_role_policy" "organisation" {
  count  = var.organisation_account ? 1 : 0
  name   = "take-assignments-away"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.organisation.json
}

output "role_arn" {
  value = aws_iam_role.this.arn
}

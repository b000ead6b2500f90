// Package inspector is the API of Amazon Inspector Classic.
package inspector

import (
	"net/http"
	"slices"
	"strings"

	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/fault"
)

// codes are the error codes of members whose codes do not follow from their
// names.
var codes = map[string]InvalidInputErrorCode{
	"nextToken":               InvalidInputErrorCodeInvalidPaginationToken,
	"previewToken":            InvalidInputErrorCodeInvalidPaginationToken,
	"roleArn":                 InvalidInputErrorCodeInvalidIamRoleArn,
	"topicArn":                InvalidInputErrorCodeInvalidSnsTopicArn,
	"durationInSeconds":       InvalidInputErrorCodeInvalidAssessmentTemplateDuration,
	"durationRange":           InvalidInputErrorCodeInvalidAssessmentTemplateDurationRange,
	"namePattern":             InvalidInputErrorCodeInvalidAssessmentTemplateNamePattern,
	"startTimeRange":          InvalidInputErrorCodeInvalidAssessmentRunStartTimeRange,
	"completionTimeRange":     InvalidInputErrorCodeInvalidAssessmentRunCompletionTimeRange,
	"stateChangeTimeRange":    InvalidInputErrorCodeInvalidAssessmentRunStateChangeTimeRange,
	"assessmentRunName":       InvalidInputErrorCodeInvalidAssessmentTemplateName,
	"userAttributes":          InvalidInputErrorCodeInvalidUserAttribute,
	"states":                  InvalidInputErrorCodeInvalidAssessmentRunState,
	"attributeKeys":           InvalidInputErrorCodeInvalidUserAttributeKey,
	"exclusionArns":           InvalidInputErrorCodeInvalidResourceArn,
	"previewAgentsArn":        InvalidInputErrorCodeInvalidAssessmentTargetArn,
	"agentHealths":            InvalidInputErrorCodeInvalidAgentId,
	"agentHealthCodes":        InvalidInputErrorCodeInvalidAgentId,
	"reportType":              InvalidInputErrorCodeInvalidAssessmentRunArn,
	"reportFileFormat":        InvalidInputErrorCodeInvalidAssessmentRunArn,
	"stopAction":              InvalidInputErrorCodeInvalidAssessmentRunState,
	"creationTimeRange":       InvalidInputErrorCodeInvalidAssessmentRunStartTimeRange,
	"resourceGroupTags":       InvalidInputErrorCodeInvalidNumberOfResourceGroupTags,
	"resourceGroupTags.key":   InvalidInputErrorCodeInvalidResourceGroupTagKey,
	"tags.key":                InvalidInputErrorCodeInvalidTagKey,
	"attributes.key":          InvalidInputErrorCodeInvalidUserAttributeKey,
	"attributes.value":        InvalidInputErrorCodeInvalidUserAttributeValue,
	"resourceGroupTags.value": InvalidInputErrorCodeInvalidResourceGroupTagValue,
	"tags.value":              InvalidInputErrorCodeInvalidTagValue,
}

// codeOf returns the error code for a violation: that of the innermost member
// on its path which has one.
func codeOf(v wire.Violation) InvalidInputErrorCode {
	var members []string
	for part := range strings.SplitSeq(v.Path, ".") {
		if part != "member" && strings.Trim(part, "0123456789") != "" {
			members = append(members, part)
		}
	}
	for i, name := range slices.Backward(members) {
		if i > 0 {
			if c := codes[members[i-1]+"."+name]; c != "" {
				return c
			}
		}
		if c := codeOfMember(name, v.List && i == len(members)-1); c != "" {
			return c
		}
	}
	return InvalidInputErrorCodeInvalidResourceArn // the least said
}

func codeOfMember(name string, count bool) InvalidInputErrorCode {
	var snake strings.Builder
	for _, r := range name {
		if 'A' <= r && r <= 'Z' {
			snake.WriteByte('_')
		}
		snake.WriteRune(r)
	}
	plural := strings.ToUpper(snake.String())
	singular := strings.TrimSuffix(plural, "S")
	if stem, ok := strings.CutSuffix(plural, "IES"); ok {
		singular = stem + "Y"
	}
	tries := []string{"INVALID_" + plural, "INVALID_" + singular}
	if count {
		tries = append([]string{"INVALID_NUMBER_OF_" + plural}, tries...)
	}
	known := strings.Fields(enums["InvalidInputErrorCode"])
	for _, t := range tries {
		if slices.Contains(known, t) {
			return InvalidInputErrorCode(t)
		}
	}
	return codes[name]
}

func invalid(message string, violations []wire.Violation) wire.Exception {
	return &InvalidInputException{Message: short(message), ErrorCode: codeOf(violations[0])}
}

// raise chooses the error code that says least: whoever knows better makes the
// exception himself.
func raise(kind fault.Kind, message string) wire.Exception {
	switch kind {
	case fault.NotFound:
		return &NoSuchEntityException{Message: short(message), ErrorCode: NoSuchEntityErrorCodeAssessmentTargetDoesNotExist}
	case fault.Invalid, fault.Conflict:
		return &InvalidInputException{Message: short(message), ErrorCode: InvalidInputErrorCodeInvalidResourceArn}
	case fault.Denied:
		return &AccessDeniedException{Message: short(message), ErrorCode: AccessDeniedErrorCodeAccessDeniedToResourceGroup}
	case fault.Quota:
		return &LimitExceededException{Message: short(message), ErrorCode: LimitExceededErrorCodeAssessmentTargetLimitExceeded}
	case fault.Throttle:
		// The model declares none; clients try again at this name.
		return &wire.Error{Name: "ThrottlingException", Status: http.StatusBadRequest, Message: message, Protocol: wire.JSON11}
	case fault.Internal:
	}
	return &InternalException{Message: short(message), CanRetry: true}
}

// short cuts a message to the 1,000 characters that the model allows.
func short(message string) string {
	const most = 1000
	if r := []rune(message); len(r) > most {
		return string(r[:most])
	}
	return message
}

package gcp

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

// answerError is the error body of Google's APIs: google.rpc.Status, and what older ones say beside it.
type answerError struct {
	Message text
	Status  text // "PERMISSION_DENIED"
	Errors  []struct{ Reason string }
	Details []struct {
		Reason     string // of google.rpc.ErrorInfo: "SERVICE_DISABLED"
		Metadata   struct{ Service, Consumer, ActivationURL string }
		RetryDelay string // of google.rpc.RetryInfo: "12s"
	}
}

// classify reads both kinds of error bodies: {"error":{...}} of the APIs and {"error":"invalid_grant"} of the token
// endpoints (RFC 6749 section 5.2). Sources: cloud.google.com/apis/design/errors, the codes of google.api.ErrorReason.
func classify(status int, _ http.Header, body []byte) httpx.Fault {
	var a struct {
		Error       json.RawMessage
		Description string `json:"error_description"`
	}
	if json.Unmarshal(body, &a) != nil {
		return httpx.Fault{}
	}
	var code string
	if json.Unmarshal(a.Error, &code) == nil && code != "" {
		return tokenFault(status, code, a.Description)
	}
	var e answerError
	if json.Unmarshal(a.Error, &e) != nil {
		return httpx.Fault{}
	}
	return e.fault(status)
}

// tokenFault reads an answer of a token endpoint. What is not the server's trouble is the credential's.
func tokenFault(status int, code, description string) httpx.Fault {
	f := httpx.Fault{Code: code, Detail: description}
	if status == http.StatusBadRequest || status == http.StatusUnauthorized {
		f.Kind = cloud.KindAuth
		f.Hint = "see whether the key was deleted or its account disabled, and whether this machine's clock is right; " + keyHelp
	}
	return f
}

func (e *answerError) fault(status int) httpx.Fault {
	f := httpx.Fault{Code: string(e.Status), Detail: string(e.Message)}
	reason, service, consumer := "", "", ""
	for _, old := range e.Errors {
		reason = cmp.Or(reason, old.Reason)
	}
	for _, d := range e.Details {
		if d.Reason != "" {
			reason, service, consumer = d.Reason, d.Metadata.Service, d.Metadata.Consumer
		}
		if wait, err := time.ParseDuration(d.RetryDelay); err == nil && wait > 0 {
			f.Wait = wait
		}
	}
	switch reason {
	case "SERVICE_DISABLED", "accessNotConfigured":
		f.Kind, f.Hint = cloud.KindUnsupported, enableHint(service, consumer)
	case "BILLING_DISABLED":
		f.Kind, f.Hint = cloud.KindUnsupported, "link a billing account to the project, or leave the project out (option project_ids)"
	case "rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "quotaExceeded", "dailyLimitExceeded":
		f.Kind = cloud.KindThrottled // Compute Engine says so with 403
	case "API_KEY_INVALID", "keyInvalid":
		f.Kind, f.Hint = cloud.KindAuth, "set GCP_BILLING_API_KEY to a good API key, or to none"
	case "USER_PROJECT_DENIED":
		f.Hint = "the option quota_project names a project in which this account lacks roles/serviceusage.serviceUsageConsumer"
	case "ACCESS_TOKEN_SCOPE_INSUFFICIENT":
		f.Hint = "the credential was made for fewer scopes: it needs https://www.googleapis.com/auth/cloud-platform"
	default:
		switch status {
		case http.StatusUnauthorized:
			f.Hint = keyHelp
		case http.StatusNotFound:
			f.Hint = "see whether the project exists and is written right (options project_id, project_ids)"
		case http.StatusForbidden:
			f.Hint = "give the account roles/viewer, or the viewer role of this service, on the project"
		}
	}
	return f
}

func enableHint(service, consumer string) string {
	if service == "" {
		return "enable this API for the project at https://console.cloud.google.com/apis/library, or leave the service out"
	}
	hint := "enable " + service + " at https://console.cloud.google.com/apis/library/" + service
	if consumer != "" {
		hint += " for " + consumer
	}
	return hint + ", or leave the service out"
}

// partially returns err as something missing from a sequence that goes on. What concerns the whole sequence stays what
// it is: the end of the context, and a refused credential.
func partially(err error) error {
	e, ok := errors.AsType[*cloud.Error](err)
	if !ok || ending(err) {
		return err
	}
	return &cloud.Error{Kind: cloud.KindPartial, Op: e.Op, Detail: e.Message(), Hint: e.Hint, Err: e}
}

// ending reports whether nothing can be read after err.
func ending(err error) bool {
	switch cloud.KindOf(err) {
	case cloud.KindCancelled, cloud.KindTimeout, cloud.KindAuth:
		return true
	default:
		return false
	}
}

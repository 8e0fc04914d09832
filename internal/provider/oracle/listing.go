package oracle

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/url"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// head is what the elements of every list have.
type head struct {
	ID             string          `json:"id"`
	LifecycleState string          `json:"lifecycleState"`
	FreeformTags   json.RawMessage `json:"freeformTags"`
	DefinedTags    json.RawMessage `json:"definedTags"`
}

func (h *head) common() *head { return h }

// listing is a list call of a regional service and what its elements are here.
type listing[T any] struct {
	kind, op, api, path string
	status              func(native string) cloud.Status
	// fill adds to the resource what T has beyond its head: name, time, attributes.
	fill func(r *cloud.Resource, v *T)
}

// resources lists what is in a place. What was removed is listed for some hours more: it costs nothing, cannot be
// measured and never comes back, so it is left out.
func resources[T any, P interface {
	*T
	common() *head
}](ctx context.Context, d *driver, p place, l listing[T]) iter.Seq2[cloud.Resource, error] {
	at, err := d.at(ctx, l.api, p.Scope.Region)
	if err != nil {
		return provider.Failed[cloud.Resource](err)
	}
	c := call{op: l.op, url: at + l.path, query: url.Values{"compartmentId": {p.compartment}}}
	return pages(ctx, d, c, func(v *T) (cloud.Resource, error) {
		h := P(v).common()
		r := cloud.Resource{
			Provider: name, Account: p.Scope.Account, Region: p.Scope.Region, Compartment: p.Scope.Compartment,
			Service: p.Service, Type: l.kind, ID: h.ID, Status: l.status(h.LifecycleState),
		}
		switch {
		case h.ID == "":
			return r, errors.New("it has no id")
		case r.Status == cloud.StatusDeleted:
			return r, errGone
		}
		r.NativeStatus, r.Tags = h.LifecycleState, d.notes.tags.of(h)
		l.fill(&r, v)
		return r, nil
	})
}

// withPolicy gives an error of a place that may not be read the policy statement that would allow it.
func withPolicy(err error, q cloud.Query) error {
	e, ok := errors.AsType[*cloud.Error](err)
	if !ok || e.Kind != cloud.KindDenied {
		return err
	}
	svc, _ := Spec().Service(q.Service)
	where := "tenancy"
	if q.Scope.Compartment != root {
		where = "compartment " + strings.ReplaceAll(q.Scope.Compartment, "/", ":")
	}
	out := *e
	out.Hint = "Allow group <your group> to " + svc.Permission + " in " + where
	return &out
}

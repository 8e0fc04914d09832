package output

import (
	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
)

// unit writes one line of the ledger. Texts that do not apply are empty.
func (d *doc) unit(u *hub.Unit) {
	d.object()
	d.str("provider", u.Provider)
	d.str("account", u.Account)
	d.str("region", u.Region)
	d.str("compartment", u.Compartment)
	d.str("service", u.Service)
	d.str("capability", string(u.Capability))
	d.str("state", string(u.State))
	d.str("kind", string(u.Kind))
	d.str("reason", u.Reason)
	d.str("hint", u.Hint)
	d.whole("calls", int64(u.Calls))
	d.whole("rows", int64(u.Rows))
	d.moment("at", u.At)
	d.whole("took_ms", u.Took.Milliseconds())
	d.whole("queued_ms", u.Waited.Milliseconds())
	d.flag("cached", u.Cached)
	d.key("retry_after_seconds")
	if u.RetryIn > 0 {
		d.number(u.RetryIn.Seconds())
	} else {
		d.null()
	}
	d.endObject()
}

// failure is what an entry of errors says.
type failure struct {
	account, region, service string
	kind                     cloud.Kind
	message, hint            string
}

// failures writes the units that are not complete, each thing once: the ledger has every unit.
func (d *doc) failures(units []hub.Unit) {
	seen := map[failure]bool{}
	for i := range units {
		u := &units[i]
		f := failure{u.Account, u.Region, u.Service, u.Kind, u.Reason, u.Hint}
		if u.OKish() || seen[f] {
			continue
		}
		seen[f] = true
		d.object()
		d.failure(f)
		d.endObject()
	}
}

func (d *doc) failure(f failure) {
	d.str("account", f.account)
	d.str("region", f.region)
	d.str("service", f.service)
	d.str("kind", string(f.kind))
	d.str("message", f.message)
	d.str("hint", f.hint)
}

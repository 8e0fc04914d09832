package gcp

import (
	"cmp"
	"context"
	"iter"
	"net/url"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

const sqlFields = "items(name,region,gceZone,state,databaseVersion,instanceType,createTime,masterInstanceName,ipAddresses(type,ipAddress)," +
	"settings(tier,edition,availabilityType,activationPolicy,dataDiskSizeGb,dataDiskType,userLabels)),nextPageToken,warnings(code,message,region)"

// database is the part of the schema DatabaseInstance (sqladmin v1) that is used.
type database struct {
	Name, Region, GceZone, State, DatabaseVersion, InstanceType, CreateTime, MasterInstanceName string
	IPAddresses                                                                                 []struct{ Type, IPAddress string }
	Settings                                                                                    struct {
		Tier, Edition, AvailabilityType, ActivationPolicy, DataDiskType string
		DataDiskSizeGb                                                  number // 64 bits
		UserLabels                                                      map[string]string
	}
}

type databasePage struct {
	Items         some[database]
	NextPageToken string
	Warnings      []struct{ Code, Message, Region string }
}

// databases lists the database servers of all regions, 1,000 a call.
func (d *driver) databases(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	const op = "list databases"
	call := httpx.Call{
		Op: op, Path: "https://sqladmin.googleapis.com/v1/projects/" + url.PathEscape(q.Scope.Account) + "/instances",
		Query: query(sqlFields, "maxResults", "1000"),
	}
	return list(ctx, d, call, func(p *databasePage) string { return p.NextPageToken }, func(p *databasePage) ([]cloud.Resource, []error) {
		var found []cloud.Resource
		lost := p.Items.lost(op)
		for i := range p.Items.all {
			found = append(found, p.Items.all[i].resource(q))
		}
		for _, w := range p.Warnings {
			if w.Code != "COMPROMISED_CREDENTIALS" { // that is about passwords; the others cut the list
				lost = append(lost, missing(op, cmp.Or(w.Region, "a part")+":", w.Code+" "+w.Message))
			}
		}
		return found, lost
	})
}

func (b *database) resource(q cloud.Query) cloud.Resource {
	r := resource(q, "database", b.Name, b.Name)
	r.Region, r.CreatedAt = b.Region, moment(b.CreateTime)
	r.Status, r.NativeStatus = b.status(), b.State
	r.Tags = tags(b.Settings.UserLabels)
	var a attrs
	a.text("engine", b.DatabaseVersion)
	a.text("tier", b.Settings.Tier)
	a.text("edition", b.Settings.Edition)
	a.text("availability", b.Settings.AvailabilityType)
	a.text("zone", b.GceZone)
	a.text("role", b.InstanceType)
	a.text("primary", b.MasterInstanceName)
	a.number("disk_size_gb", b.Settings.DataDiskSizeGb)
	a.text("disk_type", b.Settings.DataDiskType)
	a.text("activation_policy", b.Settings.ActivationPolicy)
	var addresses []string
	for _, ip := range b.IPAddresses {
		addresses = append(addresses, ip.IPAddress)
	}
	a.texts("ips", addresses)
	r.Attrs = a
	return r
}

// status maps the states of sqladmin v1. A stopped server is RUNNABLE as well: its activation policy says NEVER.
func (b *database) status() cloud.Status {
	if b.State == "RUNNABLE" && b.Settings.ActivationPolicy == "NEVER" {
		return cloud.StatusStopped
	}
	return cmp.Or(map[string]cloud.Status{
		"RUNNABLE": cloud.StatusRunning, "ONLINE_MAINTENANCE": cloud.StatusRunning,
		"PENDING_CREATE": cloud.StatusStarting, "MAINTENANCE": cloud.StatusStarting, "REPAIRING": cloud.StatusStarting,
		"PENDING_DELETE": cloud.StatusStopping, "SUSPENDED": cloud.StatusStopped, "FAILED": cloud.StatusFailed,
	}[b.State], cloud.StatusUnknown)
}

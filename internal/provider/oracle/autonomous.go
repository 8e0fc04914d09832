package oracle

import (
	"context"
	"iter"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// database is the part of AutonomousDatabaseSummary (20160918) that is used. Its connection strings are not decoded.
type database struct {
	tagged
	ID                 string     `json:"id"`
	DBName             string     `json:"dbName"`
	DisplayName        string     `json:"displayName"`
	LifecycleState     string     `json:"lifecycleState"`
	LifecycleDetails   string     `json:"lifecycleDetails"`
	TimeCreated        *time.Time `json:"timeCreated"`
	DBWorkload         string     `json:"dbWorkload"` // OLTP | DW | AJD | APEX | LH
	DBVersion          string     `json:"dbVersion"`
	ComputeModel       string     `json:"computeModel"` // ECPU | OCPU
	ComputeCount       *float64   `json:"computeCount"`
	OCPUCount          *float64   `json:"ocpuCount"`
	CPUCoreCount       *int       `json:"cpuCoreCount"`
	StorageTB          *float64   `json:"dataStorageSizeInTBs"`
	StorageGB          *float64   `json:"dataStorageSizeInGBs"`
	UsedTB             *float64   `json:"actualUsedDataStorageSizeInTBs"`
	UsedGB             *float64   `json:"usedDataStorageSizeInGBs"`
	LicenseModel       string     `json:"licenseModel"` // LICENSE_INCLUDED | BRING_YOUR_OWN_LICENSE
	IsFreeTier         *bool      `json:"isFreeTier"`
	IsDedicated        *bool      `json:"isDedicated"`
	IsAutoScaling      *bool      `json:"isAutoScalingEnabled"`
	Role               string     `json:"role"`
	OpenMode           string     `json:"openMode"`
	AvailabilityDomain string     `json:"availabilityDomain"`
}

// databases lists autonomous databases; terminated ones, which are listed for a while, are left out.
func (d *driver) databases(ctx context.Context, p place) iter.Seq2[cloud.Resource, error] {
	c, err := d.list(ctx, p, "list autonomous databases", databaseAPI, "/autonomousDatabases")
	if err != nil {
		return failed[cloud.Resource](err)
	}
	return resources(ctx, d, c, func(b *database) (cloud.Resource, bool) {
		w := d.notes.words
		r := p.resource("autonomous_database", b.ID, b.DisplayName)
		if r.Name == "" {
			r.Name = b.DBName
		}
		r.Status, r.NativeStatus, r.Tags = databaseStatus(b.LifecycleState), w.text(b.LifecycleState), b.tags(w)
		if b.TimeCreated != nil {
			r.CreatedAt = b.TimeCreated.UTC()
		}
		r.Attrs = b.attrs(w)
		return r, r.Status != cloud.StatusDeleted
	})
}

// databaseStatus maps AutonomousDatabaseSummaryLifecycleStateEnum: what serves queries runs, whatever else happens.
func databaseStatus(s string) cloud.Status {
	switch s {
	case "AVAILABLE", "AVAILABLE_NEEDS_ATTENTION", "BACKUP_IN_PROGRESS", "SCALE_IN_PROGRESS", "UPDATING",
		"MAINTENANCE_IN_PROGRESS", "ROLE_CHANGE_IN_PROGRESS", "UPGRADING", "STANDBY":
		return cloud.StatusRunning
	case "PROVISIONING", "STARTING", "RESTARTING", "RECREATING", "RESTORE_IN_PROGRESS":
		return cloud.StatusStarting
	case "STOPPING", "TERMINATING":
		return cloud.StatusStopping
	case "STOPPED":
		return cloud.StatusStopped
	case "UNAVAILABLE", "RESTORE_FAILED", "INACCESSIBLE":
		return cloud.StatusFailed
	case "TERMINATED":
		return cloud.StatusDeleted
	}
	return cloud.StatusUnknown
}

func (b *database) attrs(w *words) []cloud.Attr {
	f := facts{words: w}
	f.text("db_name", b.DBName)
	f.text("workload", b.DBWorkload)
	f.text("version", b.DBVersion)
	b.size(&f)
	f.text("license_model", b.LicenseModel)
	f.yes("always_free", b.IsFreeTier != nil && *b.IsFreeTier)
	f.yes("dedicated", b.IsDedicated != nil && *b.IsDedicated)
	f.yes("cpu_autoscaling", b.IsAutoScaling != nil && *b.IsAutoScaling)
	f.text("role", b.Role)
	f.text("open_mode", b.OpenMode)
	f.text("availability_domain", b.AvailabilityDomain)
	f.text("state_details", b.LifecycleDetails)
	return f.attrs
}

// size writes the compute units and the storage, in the units that the database is measured in.
func (b *database) size(f *facts) {
	switch {
	case b.ComputeModel == "ECPU":
		f.number("ecpus", b.ComputeCount)
	case b.ComputeCount != nil:
		f.number("ocpus", b.ComputeCount)
	case b.OCPUCount != nil:
		f.number("ocpus", b.OCPUCount)
	case b.CPUCoreCount != nil && *b.CPUCoreCount > 0:
		f.number("ocpus", new(float64(*b.CPUCoreCount)))
	}
	if b.StorageGB != nil && *b.StorageGB > 0 {
		f.number("storage_gb", b.StorageGB)
	} else {
		f.number("storage_tb", b.StorageTB)
	}
	if b.UsedTB != nil {
		f.number("used_storage_tb", b.UsedTB)
	} else {
		f.number("used_storage_gb", b.UsedGB)
	}
}

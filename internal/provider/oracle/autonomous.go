package oracle

import (
	"cmp"
	"context"
	"iter"

	"github.com/adsops/cloudtop/internal/cloud"
)

// database is the part of AutonomousDatabaseSummary (20160918) that is used. Its connection strings are not decoded.
type database struct {
	head
	DBName             string `json:"dbName"`
	DisplayName        string `json:"displayName"`
	LifecycleDetails   string `json:"lifecycleDetails"`
	TimeCreated        moment `json:"timeCreated"`
	DBWorkload         string `json:"dbWorkload"` // OLTP | DW | AJD | APEX | LH
	DBVersion          string `json:"dbVersion"`
	ComputeModel       string `json:"computeModel"` // ECPU | OCPU
	ComputeCount       number `json:"computeCount"`
	OCPUCount          number `json:"ocpuCount"`
	CPUCoreCount       number `json:"cpuCoreCount"`
	StorageTB          number `json:"dataStorageSizeInTBs"`
	StorageGB          number `json:"dataStorageSizeInGBs"`
	UsedTB             number `json:"actualUsedDataStorageSizeInTBs"`
	UsedGB             number `json:"usedDataStorageSizeInGBs"`
	LicenseModel       string `json:"licenseModel"` // LICENSE_INCLUDED | BRING_YOUR_OWN_LICENSE
	IsFreeTier         bool   `json:"isFreeTier"`
	IsDedicated        bool   `json:"isDedicated"`
	IsAutoScaling      bool   `json:"isAutoScalingEnabled"`
	Role               string `json:"role"`
	OpenMode           string `json:"openMode"`
	AvailabilityDomain string `json:"availabilityDomain"`
}

func (d *driver) databases(ctx context.Context, p place) iter.Seq2[cloud.Resource, error] {
	return resources(ctx, d, p, listing[database]{
		kind: "autonomous_database", op: "list autonomous databases", api: databaseAPI, path: "/autonomousDatabases",
		status: databaseStatus,
		fill: func(r *cloud.Resource, b *database) {
			r.Name, r.CreatedAt, r.Attrs = cmp.Or(b.DisplayName, b.DBName), b.TimeCreated.Time, b.attrs()
		},
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

func (b *database) attrs() []cloud.Attr {
	f := make(facts, 0, 12)
	f.text("db_name", b.DBName)
	f.text("workload", b.DBWorkload)
	f.text("version", b.DBVersion)
	b.size(&f)
	f.text("license_model", b.LicenseModel)
	f.yes("always_free", b.IsFreeTier)
	f.yes("dedicated", b.IsDedicated)
	f.yes("cpu_autoscaling", b.IsAutoScaling)
	f.text("role", b.Role)
	f.text("open_mode", b.OpenMode)
	f.text("availability_domain", b.AvailabilityDomain)
	f.text("state_details", b.LifecycleDetails)
	return f
}

// size writes the compute units and the storage, in the units that the database is measured in.
func (b *database) size(f *facts) {
	switch {
	case b.ComputeModel == "ECPU":
		f.number("ecpus", b.ComputeCount)
	case b.ComputeCount.known:
		f.number("ocpus", b.ComputeCount)
	case b.OCPUCount.known:
		f.number("ocpus", b.OCPUCount)
	case b.CPUCoreCount.positive():
		f.number("ocpus", b.CPUCoreCount)
	}
	if b.StorageGB.positive() {
		f.number("storage_gb", b.StorageGB)
	} else {
		f.number("storage_tb", b.StorageTB)
	}
	if b.UsedTB.known {
		f.number("used_storage_tb", b.UsedTB)
	} else {
		f.number("used_storage_gb", b.UsedGB)
	}
}

package vastaisim

import (
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// mostContracts bounds the account where its size is not asked for: people rent few machines, and a listing shows 25
// per second. It makes 24 instances, three volumes and two endpoints.
const mostContracts = 29

// account is GET /api/v0/users/current/ (show_user.yaml), with what the official client shows beyond.
type account struct {
	ID            int     `json:"id"`
	KeyID         int     `json:"key_id"`
	Username      string  `json:"username"`
	Email         string  `json:"email"`
	EmailVerified bool    `json:"email_verified"`
	Fullname      string  `json:"fullname"`
	Balance       float64 `json:"balance"`
	Credit        float64 `json:"credit"`
	CanPay        bool    `json:"can_pay"`
	HasBilling    bool    `json:"has_billing"`
	SSHKey        string  `json:"ssh_key"`
	SID           string  `json:"sid"`
}

// volume is an element of GET /api/v0/volumes/ (show_volumes.yaml and the official client's columns).
type volume struct {
	ID               int      `json:"id"`
	ClusterID        *int     `json:"cluster_id"`
	Label            *string  `json:"label"`
	Status           string   `json:"status"`
	DiskSpace        float64  `json:"disk_space"`
	DiskName         string   `json:"disk_name"`
	StorageTotalCost float64  `json:"storage_total_cost"`
	DriverVersion    string   `json:"driver_version"`
	CUDAMaxGood      float64  `json:"cuda_max_good"`
	MachineID        int      `json:"machine_id"`
	HostID           int      `json:"host_id"`
	PublicIP         string   `json:"public_ipaddr"`
	StaticIP         bool     `json:"static_ip"`
	Reliability2     float64  `json:"reliability2"`
	CPUName          string   `json:"cpu_name"`
	CPUArch          string   `json:"cpu_arch"`
	MoboName         string   `json:"mobo_name"`
	OSVersion        string   `json:"os_version"`
	InetUp           float64  `json:"inet_up"`
	InetDown         float64  `json:"inet_down"`
	Verification     string   `json:"verification"`
	Geolocation      string   `json:"geolocation"`
	StartDate        float64  `json:"start_date"`
	Instances        []tenant `json:"instances"`
	network          bool
}

// tenant is an instance that uses a volume.
type tenant struct {
	ID           int    `json:"id"`
	JupyterToken string `json:"jupyter_token"`
}

// endpoint is an element of GET /api/v0/endptjobs/ (show_endpoints.yaml and the official client's EndpointData).
type endpoint struct {
	ID                int     `json:"id"`
	MinLoad           float64 `json:"min_load"`
	MinColdLoad       float64 `json:"min_cold_load"`
	TargetUtil        float64 `json:"target_util"`
	ColdMult          float64 `json:"cold_mult"`
	ColdWorkers       int     `json:"cold_workers"`
	MaxWorkers        int     `json:"max_workers"`
	MaxQueueTime      float64 `json:"max_queue_time"`
	TargetQueueTime   float64 `json:"target_queue_time"`
	InactivityTimeout *int    `json:"inactivity_timeout"`
	EndpointName      string  `json:"endpoint_name"`
	APIKey            string  `json:"api_key"`
	UserID            int     `json:"user_id"`
	CreatedAt         string  `json:"created_at"`
	EndpointState     string  `json:"endpoint_state"`
}

// buildAccount makes n things: mostly instances, and from four on a volume and an endpoint as well.
func (c *cloud) buildAccount(n int) {
	r := c.world.Rand("vastai", "account")
	c.account = account{
		ID: 100_000 + r.IntN(900_000), KeyID: 700_000 + r.IntN(99_999), Username: "ada", Email: "ada@example.com",
		EmailVerified: true, Fullname: "Ada Übermut", Credit: round(25+400*r.Float64(), 2), CanPay: true,
		HasBilling: true, SSHKey: "ssh-ed25519 " + secret, SID: secret,
	}
	var vols, ends int
	if n >= 4 {
		vols, ends = max(1, n/9), max(1, n/14)
	}
	c.labels = map[string]int{}
	states := lives()
	for i := range n - vols - ends {
		m := c.machines[r.IntN(len(c.machines))]
		k := newContract(r, i, m, states[i%len(states)])
		if i < 12 { // the market shows where one rents already; it is not used up by a large account
			for _, a := range m.asks {
				a.mine = true
			}
		}
		c.contracts = append(c.contracts, k)
		label := ""
		if k.Label != nil {
			label = *k.Label
		}
		c.labels[label]++
	}
	for i := range vols {
		c.volumes = append(c.volumes, c.newVolume(r, i))
	}
	for i := range ends {
		c.endpoints = append(c.endpoints, c.newEndpoint(r, i))
	}
}

func (c *cloud) newVolume(r *rand.Rand, i int) *volume {
	m := c.machines[r.IntN(len(c.machines))]
	all := labels()
	v := &volume{
		ID: 40_000_000 + i*17, Label: &all[r.IntN(len(all))], Status: "active", DiskSpace: float64(50 + r.IntN(900)),
		DiskName: "SAMSUNG MZQL23T8HCLS", DriverVersion: m.driver, CUDAMaxGood: m.cuda, HostID: m.host,
		PublicIP: m.address(), StaticIP: m.staticIP, CPUName: m.cpu.name, CPUArch: m.cpu.arch, MoboName: "ROME2D32GM-2T",
		OSVersion: m.ubuntu, InetUp: m.inetUp, InetDown: m.inetDown, MachineID: m.id, Reliability2: m.reliability,
		Verification: m.verification, Geolocation: m.place.name,
		StartDate: float64(sim.Epoch.Unix() - int64(r.IntN(200*86400)) - 60), Instances: []tenant{}, network: i%3 == 2,
	}
	v.StorageTotalCost = round(m.diskHour(v.DiskSpace), 6)
	if v.network {
		cluster := 100 + r.IntN(9)
		v.ClusterID, v.Label = &cluster, nil
	} else if len(c.contracts) > 0 {
		k := c.contracts[i%len(c.contracts)]
		v.Instances = append(v.Instances, tenant{ID: k.ID, JupyterToken: secret})
		k.VolumeInfo = append(k.VolumeInfo, attached{ID: v.ID, TotalSpace: v.DiskSpace, AvailSpace: round(v.DiskSpace*r.Float64(), 1)})
	}
	return v
}

func (c *cloud) newEndpoint(r *rand.Rand, i int) *endpoint {
	idle := 600
	e := &endpoint{
		ID: 4_000 + i*3, MinLoad: float64(r.IntN(100)), TargetUtil: 0.9, ColdMult: 2.5, ColdWorkers: r.IntN(6),
		MaxWorkers: 20, MaxQueueTime: 30, TargetQueueTime: 10, APIKey: secret, UserID: c.account.ID,
		EndpointName:  endpointNames()[r.IntN(len(endpointNames()))],
		CreatedAt:     sim.Epoch.Add(-time.Duration(1+r.IntN(4000)) * time.Hour).Format(time.RFC3339),
		EndpointState: []string{"active", "suspended", "stopped", "active"}[i%4],
	}
	if r.Float64() < 0.5 {
		e.InactivityTimeout = &idle
	}
	return e
}

func (c *cloud) currentUser(*http.Request) (any, *failure) { return c.account, nil }

// listVolumes answers GET /api/v0/volumes/: all, or those of one type.
func (c *cloud) listVolumes(r *http.Request) (any, *failure) {
	found := []*volume{}
	kind := r.URL.Query().Get("type")
	for _, v := range c.volumes {
		if kind == "" || kind == "all_volume" || v.network == (kind == "network_volume") {
			found = append(found, v)
		}
	}
	return map[string]any{"success": true, "volumes": found}, nil
}

// listEndpoints answers GET /api/v0/endptjobs/. None at all is a 400, as its description shows.
func (c *cloud) listEndpoints(*http.Request) (any, *failure) {
	if len(c.endpoints) == 0 {
		return nil, failed(http.StatusBadRequest, "invalid_args", "No endpoints for user found")
	}
	return map[string]any{"success": true, "results": c.endpoints}, nil
}

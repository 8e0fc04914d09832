package vastaisim

// lease is what of a rented instance changes only by an action, with the fields of show_instances.yaml and
// show_instance.yaml.
type lease struct {
	ID                int              `json:"id"`
	ActualStatus      *string          `json:"actual_status"`
	CurState          string           `json:"cur_state"`
	NextState         string           `json:"next_state"`
	IntendedStatus    string           `json:"intended_status"`
	Label             *string          `json:"label"`
	TemplateID        *int             `json:"template_id"`
	TemplateHashID    *string          `json:"template_hash_id"`
	TemplateName      *string          `json:"template_name"`
	ImageUUID         string           `json:"image_uuid"`
	ImageArgs         []string         `json:"image_args"`
	ImageRuntype      string           `json:"image_runtype"`
	ExtraEnv          [][2]string      `json:"extra_env"`
	Onstart           string           `json:"onstart"`
	JupyterToken      string           `json:"jupyter_token"`
	StatusMsg         *string          `json:"status_msg"`
	PublicIP          string           `json:"public_ipaddr"`
	LocalIPs          string           `json:"local_ipaddrs"`
	SSHHost           string           `json:"ssh_host"`
	SSHIdx            string           `json:"ssh_idx"`
	SSHPort           int              `json:"ssh_port"`
	MachineDirSSHPort int              `json:"machine_dir_ssh_port"`
	MachineID         int              `json:"machine_id"`
	BundleID          int              `json:"bundle_id"`
	StartDate         float64          `json:"start_date"`
	EndDate           float64          `json:"end_date"`
	CPUArch           string           `json:"cpu_arch"`
	CPUCores          int              `json:"cpu_cores"`
	CPUCoresEffective float64          `json:"cpu_cores_effective"`
	CPUName           string           `json:"cpu_name"`
	CPURAM            int              `json:"cpu_ram"`
	CUDAMaxGood       float64          `json:"cuda_max_good"`
	DriverVersion     string           `json:"driver_version"`
	GPUName           string           `json:"gpu_name"`
	GPUArch           string           `json:"gpu_arch"`
	GPUTotalRAM       int              `json:"gpu_totalram"`
	GPURAM            int              `json:"gpu_ram"`
	GPUFrac           float64          `json:"gpu_frac"`
	GPULanes          int              `json:"gpu_lanes"`
	GPUMemBW          float64          `json:"gpu_mem_bw"`
	BWNVLink          float64          `json:"bw_nvlink"`
	DiskName          string           `json:"disk_name"`
	DiskSpace         float64          `json:"disk_space"`
	DiskBW            float64          `json:"disk_bw"`
	DirectPortCount   int              `json:"direct_port_count"`
	DirectPortStart   int              `json:"direct_port_start"`
	DirectPortEnd     int              `json:"direct_port_end"`
	Ports             map[string][]nat `json:"ports"`
	StaticIP          bool             `json:"static_ip"`
	InetUp            float64          `json:"inet_up"`
	InetDown          float64          `json:"inet_down"`
	InetUpCost        float64          `json:"inet_up_cost"`
	InetDownCost      float64          `json:"inet_down_cost"`
	Geolocation       string           `json:"geolocation"`
	CountryCode       *string          `json:"country_code"`
	Verification      string           `json:"verification"`
	Rentable          bool             `json:"rentable"`
	HostID            int              `json:"host_id"`
	HostingType       int              `json:"hosting_type"`
	MinBid            float64          `json:"min_bid"`
	IsBid             bool             `json:"is_bid"`
	DPHBase           float64          `json:"dph_base"`
	DPHTotal          float64          `json:"dph_total"`
	DLPerf            *float64         `json:"dlperf"`
	DLPerfPerDPHTotal *float64         `json:"dlperf_per_dphtotal"`
	FlopsPerDPHTotal  float64          `json:"flops_per_dphtotal"`
	TotalFlops        float64          `json:"total_flops"`
	Score             *float64         `json:"score"`
	Reliability2      float64          `json:"reliability2"`
	OSVersion         *string          `json:"os_version"`
	MoboName          string           `json:"mobo_name"`
	PCIGen            float64          `json:"pci_gen"`
	PCIeBW            float64          `json:"pcie_bw"`
	NumGPUs           int              `json:"num_gpus"`
	Logo              string           `json:"logo"`
	Webpage           *string          `json:"webpage"`
	Search            hourly           `json:"search"`
	Instance          hourly           `json:"instance"`
	StorageCost       float64          `json:"storage_cost"`
	StorageTotalCost  float64          `json:"storage_total_cost"`
	VRAMCostPerHour   float64          `json:"vram_costperhour"`
	CreditBalance     *float64         `json:"credit_balance"`
	CreditDiscount    *float64         `json:"credit_discount"`
	CreditDiscountMax *float64         `json:"credit_discount_max"`
	HostRunTime       float64          `json:"host_run_time"`
	External          bool             `json:"external"`
	TimeRemaining     string           `json:"time_remaining"`
	TimeRemainingBid  string           `json:"time_remaining_isbid"`
	VolumeInfo        []attached       `json:"volume_info"`
}

// reading is what of an instance changes by itself.
type reading struct {
	Duration      float64  `json:"duration"`
	UptimeMins    *float64 `json:"uptime_mins"`
	CPUUtil       float64  `json:"cpu_util"`  // 0 to 1
	MemLimit      *float64 `json:"mem_limit"` // GB
	MemUsage      *float64 `json:"mem_usage"`
	VMemUsage     *float64 `json:"vmem_usage"`
	GPUUtil       *float64 `json:"gpu_util"` // percent
	GPUTemp       *float64 `json:"gpu_temp"` // Celsius
	DiskUtil      float64  `json:"disk_util"`
	DiskUsage     float64  `json:"disk_usage"` // GB; -1 = no reading
	ClientRunTime float64  `json:"client_run_time"`
}

// nat is where a container's port is reached from outside.
type nat struct {
	HostIP   string `json:"HostIp"`
	HostPort string `json:"HostPort"`
}

// attached is a volume in volume_info, as the official client reads it.
type attached struct {
	ID         int     `json:"id"`
	TotalSpace float64 `json:"total_space"`
	AvailSpace float64 `json:"avail_space"`
}

// life is a state that an instance can be in: the API's words, and what they mean.
type life struct {
	actual   string // empty = null
	intended string
	cur      string
	next     string
	message  string
	means    string // in cloudtop's words
	live     bool   // its container reports
	billed   bool   // for its cards, not only for its disk
	stale    bool   // what is read is from before its machine fell silent
	young    bool   // it was made just now
}

// lives are the states, the common one between the others so that few instances show many of them.
func lives() []life {
	run := life{
		actual: "running", intended: "running", cur: "running", next: "running", means: "running", live: true, billed: true,
		message: "success, running container",
	}
	return []life{
		run, run, {
			actual: "stopped", intended: "stopped", cur: "stopped", next: "stopped", means: "stopped", message: "success, stopped",
		}, run, {
			actual: "loading", intended: "running", cur: "running", next: "running", means: "starting", young: true,
			message: "Pulling fs layer 7f2b9c1d8a3e",
		}, run, run, {
			actual: "exited", intended: "running", cur: "running", next: "running", means: "failed", billed: true,
			message: "Error response from daemon: OCI runtime create failed",
		}, run, {
			intended: "running", cur: "unloaded", next: "running", means: "starting", young: true,
		}, run, {
			actual: "frozen", intended: "frozen", cur: "running", next: "running", means: "stopped", live: true, billed: true,
		}, run, {
			actual: "unknown", intended: "running", cur: "running", next: "running", means: "unknown", stale: true, billed: true,
		}, run, {
			actual: "offline", intended: "running", cur: "running", next: "running", means: "failed", stale: true,
			message: "host machine is offline",
		}, run, {
			actual: "running", intended: "stopped", cur: "running", next: "stopped", means: "stopping", live: true, billed: true,
		}, run, {
			actual: "created", intended: "running", cur: "running", next: "running", means: "starting", young: true,
		}, run, {
			actual: "exited", intended: "stopped", cur: "stopped", next: "stopped", means: "stopped",
		}, run, {
			actual: "rebooting", intended: "running", cur: "running", next: "running", means: "starting", billed: true,
		}, run, run, run, run,
	}
}

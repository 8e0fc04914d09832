package vastaisim

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// secret stands where real answers hold secrets; who reads the account must show none of them.
const secret = "MARKER-SECRET"

// contract is a rented instance.
type contract struct {
	lease
	life     life
	machine  *machine
	gpu      sim.Wave
	cpu      sim.Wave // percent
	memory   sim.Wave
	disk     sim.Wave
	noMemory bool // its container tells no memory
	noDisk   bool
	uptime   bool // it tells how long it is up

	once    sync.Once
	encoded []byte // the lease, without its last brace
}

// encode appends the instance as JSON as of now.
func (c *contract) encode(out []byte, now time.Time) []byte {
	c.once.Do(func() {
		data, _ := json.Marshal(&c.lease) // plain data always encodes
		c.encoded = data[:len(data)-1]
	})
	moving, _ := json.Marshal(c.read(now))
	out = append(append(out, c.encoded...), ',')
	return append(out, moving[1:]...)
}

// read returns the readings at a moment. A machine that fell silent keeps those of its last report.
func (c *contract) read(now time.Time) *reading {
	at := now
	if c.life.stale {
		at = sim.Epoch.Add(-2 * time.Hour)
	}
	age := max(0, float64(now.Truncate(time.Minute).UnixMilli())/1000-c.StartDate)
	r := &reading{Duration: age, ClientRunTime: age, DiskUtil: -1, DiskUsage: -1}
	if !c.noDisk && !c.life.young {
		r.DiskUsage = round(c.DiskSpace*c.disk.At(at)/100, 4)
		r.DiskUtil = round(c.disk.At(at)/100, 6)
	}
	if !c.life.live && !c.life.stale {
		return r
	}
	r.CPUUtil = round(c.cpu.At(at)/100, 6)
	gpu, temp := round(c.gpu.At(at), 4), round(31+0.45*c.gpu.At(at), 1)
	r.GPUUtil, r.GPUTemp = &gpu, &temp
	if c.uptime {
		up := round(age/60, 2)
		r.UptimeMins = &up
	}
	if !c.noMemory {
		limit := round(float64(c.machine.ramMB)*c.GPUFrac/1024, 6)
		used := round(limit*c.memory.At(at)/100, 6)
		virtual := round(used*1.4, 6)
		r.MemLimit, r.MemUsage, r.VMemUsage = &limit, &used, &virtual
	}
	return r
}

// newContract rents a part of a machine.
func newContract(r *rand.Rand, i int, m *machine, l life) *contract {
	gpus := min(m.gpus, 1<<r.IntN(3))
	c := &contract{
		machine: m, life: l, gpu: sim.Percent(r), cpu: sim.Percent(r), memory: sim.Percent(r), disk: sim.Percent(r),
		noMemory: r.Float64() < 0.1, noDisk: r.Float64() < 0.1, uptime: r.Float64() < 0.3,
	}
	c.hardware(m, gpus)
	c.ID = 30_000_000 + i*13
	c.state(l)
	c.rental(r, i)
	c.network(r, i)
	c.prices(r, m)
	return c
}

func (c *contract) state(l life) {
	c.CurState, c.NextState, c.IntendedStatus = l.cur, l.next, l.intended
	if l.actual != "" {
		c.ActualStatus = &l.actual
	}
	if l.message != "" {
		c.StatusMsg = &l.message
	}
}

func (c *contract) rental(r *rand.Rand, i int) {
	all := labels()
	if r.Float64() < 0.85 {
		c.Label = &all[r.IntN(len(all))]
	}
	c.ImageUUID = images()[r.IntN(len(images()))]
	c.ImageArgs, c.ImageRuntype = []string{"--api-key", secret}, []string{"ssh_direc ssh_proxy", "jupyter_direc ssh_proxy", "args"}[r.IntN(3)]
	c.ExtraEnv = [][2]string{{"HF_TOKEN", secret}, {"-p 8080:8080", "1"}}
	c.Onstart, c.JupyterToken = "export WANDB_API_KEY="+secret+"; ./run.sh", secret
	if r.Float64() < 0.5 {
		id, hash, name := 2048+r.IntN(99), fmt.Sprintf("%016x", r.Uint64()), "PyTorch (Vast)"
		c.TemplateID, c.TemplateHashID, c.TemplateName = &id, &hash, &name
	}
	age := 1 + r.IntN(90*86400)
	if c.life.young {
		age = 20 + r.IntN(900)
	}
	c.StartDate = float64(sim.Epoch.Unix()-int64(age)) + 0.25*float64(i%4)
	c.EndDate = c.machine.ends
	c.HostRunTime = 2592000
	c.VolumeInfo = []attached{}
}

func (c *contract) hardware(m *machine, gpus int) {
	c.MachineID, c.BundleID, c.HostID, c.HostingType = m.id, 900_000_000+m.id, m.host, m.hostingType()
	c.CPUArch, c.CPUCores, c.CPUCoresEffective, c.CPUName, c.CPURAM = m.cpu.arch, m.cpu.cores, m.vcpus(gpus), m.cpu.name, m.ramMB
	c.CUDAMaxGood, c.DriverVersion = m.cuda, m.driver
	c.GPUName, c.GPUArch, c.NumGPUs, c.GPUFrac = m.card.name, m.card.arch, gpus, float64(gpus)/float64(m.gpus)
	c.GPURAM, c.GPUTotalRAM, c.GPULanes, c.GPUMemBW = m.card.ramMB, m.card.ramMB*gpus, 16, m.card.bw
	c.BWNVLink, c.DiskName, c.DiskBW = m.nvlink(), "SAMSUNG MZQL23T8HCLS", m.diskBW
	c.TotalFlops = round(m.card.tflops*float64(gpus), 3)
	c.Geolocation, c.Verification, c.Rentable = m.place.name, m.verification, true
	c.MoboName, c.PCIGen, c.PCIeBW, c.OSVersion = "ROME2D32GM-2T", 4, m.pcie, &m.ubuntu
	c.Reliability2, c.External, c.Logo = m.reliability, m.external, "/static/logos/vastai_small2.png"
	if m.id%2 == 0 { // it is null at times
		c.CountryCode = &m.place.country
	}
}

func (c *contract) network(r *rand.Rand, i int) {
	m := c.machine
	c.PublicIP, c.LocalIPs, c.StaticIP = m.address(), fmt.Sprintf("10.0.0.%d 172.17.0.1 \n", i%250+1), m.staticIP
	idx := 1 + r.IntN(9)
	c.SSHHost, c.SSHIdx, c.SSHPort = fmt.Sprintf("ssh%d.vast.ai", idx), fmt.Sprint(idx), 10_000+i%50_000
	c.MachineDirSSHPort, c.DirectPortCount, c.DirectPortStart, c.DirectPortEnd = 21_000, m.ports, -1, -1
	c.InetUp, c.InetDown, c.InetUpCost, c.InetDownCost = m.inetUp, m.inetDown, m.upPrice, m.downPrice
	if c.life.live {
		port := fmt.Sprint(40_000 + i%20_000)
		c.Ports = map[string][]nat{"22/tcp": {{"0.0.0.0", port}, {"::", port}}}
	}
}

func (c *contract) prices(r *rand.Rand, m *machine) {
	c.DiskSpace = float64(10 + r.IntN(200))
	c.IsBid = m.bidPrice > 0 && r.Float64() < 0.25
	perCard := m.gpuPrice
	if c.IsBid {
		perCard = m.bidPrice
	}
	c.DPHBase = round(perCard*float64(c.NumGPUs), 6)
	c.MinBid = round(m.bidPrice*float64(c.NumGPUs), 6)
	c.StorageCost, c.StorageTotalCost = m.storagePrice, round(m.diskHour(c.DiskSpace), 6)
	c.DPHTotal = round(c.DPHBase+c.StorageTotalCost, 6)
	c.FlopsPerDPHTotal = round(c.TotalFlops/c.DPHTotal, 4)
	c.VRAMCostPerHour = round(c.DPHBase/float64(c.GPUTotalRAM), 9)
	c.CreditDiscountMax = &m.discount
	c.Search = hourly{GPU: c.DPHBase, Disk: c.StorageTotalCost, Total: c.DPHTotal, DiscountedTotal: c.DPHTotal}
	c.Instance = hourly{Disk: c.StorageTotalCost, Total: c.StorageTotalCost, DiscountedTotal: c.StorageTotalCost}
	if c.life.billed {
		c.Instance = c.Search
	}
	if c.life.live {
		dlperf := round(m.card.dlperf*float64(c.NumGPUs), 4)
		perUSD := round(dlperf/c.DPHTotal, 4)
		c.DLPerf, c.DLPerfPerDPHTotal, c.Score = &dlperf, &perUSD, &perUSD
	}
}

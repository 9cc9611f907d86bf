package emulator_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/mux"
	"go.uber.org/goleak"

	"github.com/cloudforgot/cloudforgot/emulator"
)

// The benchmarks of CPU and memory run the server as a process of its own, which is this test program again: what the client
// costs is not the server's.

// servedBy is the environment variable that makes the program a server: "bare", or "emulator" and a number of messages. profileTo names
// a file for the CPU profile of that server; of several the last one stays.
const (
	servedBy  = "CLOUDFORGOT_BENCH_SERVER"
	profileTo = "CLOUDFORGOT_BENCH_PROFILE"
)

// usage has the CPU time and the allocations of a server so far.
type usage struct {
	CPU      time.Duration
	Mallocs  uint64
	Bytes    uint64
	Resident int64 // bytes, now
}

func TestMain(m *testing.M) {
	if what := os.Getenv(servedBy); what != "" {
		os.Exit(serveBench(what))
	}
	goleak.VerifyTestMain(m)
}

// serveBench prints the URL of a server, and its usage for every line that it reads.
func serveBench(what string) int {
	url, err := startBench(what)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(url)
	if name := os.Getenv(profileTo); name != "" && what != "bare" {
		f, err := os.Create(name)
		if err == nil && pprof.StartCPUProfile(f) == nil {
			defer pprof.StopCPUProfile()
		}
	}
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		_ = json.NewEncoder(os.Stdout).Encode(currentUsage(in.Text() == "collect"))
	}
	return 0
}

func startBench(what string) (string, error) {
	kind, count, _ := strings.Cut(what, " ")
	if kind == "bare" {
		return httptest.NewServer(bareHandler()).URL, nil
	}
	emulator.TuneGarbageCollector() // as the command does
	emu, err := emulator.New(emulator.Config{})
	if err != nil {
		return "", err
	}
	if n, _ := strconv.Atoi(count); n > 0 {
		fill(panicking{}, emu, "bench", n)
	}
	return emu.URL, emu.Listen("127.0.0.1:0")
}

// panicking reports failures where there is no test.
type panicking struct{ testing.TB }

func (panicking) Helper()                           {}
func (panicking) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

func currentUsage(collect bool) (u usage) {
	if collect {
		runtime.GC()
	}
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	u.CPU = time.Duration(r.Utime.Nano() + r.Stime.Nano())
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	u.Mallocs, u.Bytes = m.Mallocs, m.TotalAlloc
	status, _ := os.ReadFile("/proc/self/status")
	if _, after, found := strings.Cut(string(status), "VmRSS:"); found {
		kilobytes, _ := strconv.ParseInt(strings.Fields(after)[0], 10, 64)
		u.Resident = kilobytes << 10
	}
	return u
}

// bareHandler has the cost of a router and net/http alone: gorilla/mux with one route that answers a fixed JSON of 900 bytes.
func bareHandler() http.Handler {
	answer := []byte(`{"body":"` + strings.Repeat("x", 889) + `"}`)
	router := mux.NewRouter()
	router.HandleFunc("/v1/Conversations/{Sid}/Messages", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
	})
	return router
}

// process is a server in another process.
type process struct {
	caller
	in  io.Writer
	out *bufio.Reader
}

func startProcess(b *testing.B, what string) process {
	b.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(b.Context()), os.Args[0])
	cmd.Env = append(os.Environ(), servedBy+"="+what)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	p := process{in: in, out: bufio.NewReader(out)}
	url, err := p.out.ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	p.caller = newCaller(b, strings.TrimSpace(url))
	return p
}

// usage asks the server what it has used up; with collect its garbage is collected before.
func (p process) usage(collect bool) (u usage) {
	line := "now"
	if collect {
		line = "collect"
	}
	_, _ = fmt.Fprintln(p.in, line)
	text, err := p.out.ReadString('\n')
	if err == nil {
		err = json.Unmarshal([]byte(text), &u)
	}
	if err != nil {
		p.b.Fatal(err)
	}
	return u
}

// round makes requests and returns what they cost each.
func (p process) round(requests int, request func(caller)) (cpu time.Duration, mallocs, bytes float64) {
	before := p.usage(false)
	for range requests {
		request(p.caller)
	}
	after := p.usage(false)
	n := float64(requests)
	return (after.CPU - before.CPU) / time.Duration(requests), float64(after.Mallocs-before.Mallocs) / n, float64(after.Bytes-before.Bytes) / n
}

// BenchmarkCPU prints the CPU time that a request over kept TCP connections costs the server, beside a bare handler in the same
// run, and what it allocates. The two take turns, so that a noisy machine disturbs both alike; the ratio is the median of the turns.
func BenchmarkCPU(b *testing.B) {
	for _, op := range []struct {
		name    string
		request func(caller)
		bare    func(caller)
	}{
		{"CreateMessage", func(c caller) { c.do("POST", "/v1/Conversations/bench/Messages", message) },
			func(c caller) { c.do("POST", "/v1/Conversations/bench/Messages", message) }},
		{"FetchConversation", func(c caller) { c.do("GET", "/v1/Conversations/bench", nil) },
			func(c caller) { c.do("GET", "/v1/Conversations/bench/Messages", nil) }},
		{"ListMessages", func(c caller) { c.do("GET", "/v1/Conversations/bench/Messages?PageSize=50", nil) },
			func(c caller) { c.do("GET", "/v1/Conversations/bench/Messages", nil) }},
	} {
		b.Run(op.name, func(b *testing.B) {
			emu, bare := startProcess(b, "emulator 100"), startProcess(b, "bare")
			emu.round(200, op.request)
			bare.round(200, op.bare)
			var ours, theirs, ratios []float64
			var mallocs, bytes float64
			for b.Loop() {
				var cpu time.Duration
				cpu, mallocs, bytes = emu.round(1000, op.request)
				plain, _, _ := bare.round(1000, op.bare)
				ours, theirs = append(ours, cpu.Seconds()*1e6), append(theirs, plain.Seconds()*1e6)
				ratios = append(ratios, cpu.Seconds()/plain.Seconds())
			}
			b.ReportMetric(0, "ns/op") // that of a turn says nothing
			b.ReportMetric(medianOf(ours), "cpu-µs")
			b.ReportMetric(medianOf(theirs), "bare-cpu-µs")
			b.ReportMetric(medianOf(ratios), "ratio")
			b.ReportMetric(mallocs, "allocs/request")
			b.ReportMetric(bytes, "B/request")
		})
	}
}

// BenchmarkFlat shows that creating a message costs the same however many messages its conversation has: the CPU time of the server
// with many beside that with a thousand, in turns.
func BenchmarkFlat(b *testing.B) {
	create := func(c caller) { c.do("POST", "/v1/Conversations/bench/Messages", message) }
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprintf("messages=%d", n), func(b *testing.B) {
			few, many := startProcess(b, "emulator 1000"), startProcess(b, fmt.Sprintf("emulator %d", n))
			few.round(1000, create)
			many.round(1000, create)
			var ratios []float64
			for b.Loop() {
				x, _, _ := few.round(2000, create)
				y, _, _ := many.round(2000, create)
				ratios = append(ratios, y.Seconds()/x.Seconds())
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(medianOf(ratios), "ratio")
		})
	}
}

// BenchmarkResident prints the memory of the process: idle, and with 100,000 messages in a conversation.
func BenchmarkResident(b *testing.B) {
	const mb = 1 << 20
	var idle, full float64
	for b.Loop() {
		idle = float64(startProcess(b, "emulator 0").usage(true).Resident)
		full = float64(startProcess(b, "emulator 100000").usage(false).Resident)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(idle/mb, "MB-idle")
	b.ReportMetric(full/mb, "MB-100k")
}

func medianOf(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}

// The store: what a commit costs, a restart, a page of tickets. BareFile is the limit: the same
// bytes appended to a file and synchronised. Files are made in TMPDIR.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "daemon/store/open_store.h"

namespace signinwatch {
namespace {

constexpr size_t kStateRows = 1'000'000;
constexpr size_t kValueBytes = 100;

// A folder for one benchmark's files, gone with it.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "store-bench-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string Path(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

std::string RandomBytes(std::mt19937_64& random, size_t size) {
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

// Rows as those of users: a kind, a tenant, a user.
std::vector<StateRow> UserRows(size_t count) {
  std::mt19937_64 random(1);
  const std::string tenant = RandomBytes(random, 16);
  std::vector<StateRow> rows(count);
  for (StateRow& row : rows) {
    row.key = "u" + tenant + RandomBytes(random, 16);
    row.value = RandomBytes(random, kValueBytes);
  }
  return rows;
}

std::unique_ptr<Store> Open(const Folder& folder, benchmark::State& state) {
  auto store = OpenStore({.path = folder.Path("store.db"), .limits = {.sinks = {"soc"}}});
  if (store.ok()) return *std::move(store);
  state.SkipWithError(std::string(store.status().message()).c_str());
  return nullptr;
}

void Check(const absl::Status& status, benchmark::State& state) {
  if (!status.ok()) state.SkipWithError(std::string(status.message()).c_str());
}

EventTime Second(int64_t n) { return EventTime(std::chrono::seconds(1'764'000'000 + n)); }

TicketRevision Revision(size_t n) {
  TicketRevision r;
  r.ticket.ticket_id = "00000000-0000-0000-0000-" + std::to_string(100'000'000'000 + n);
  r.ticket.detector = "user-session-invalid";
  r.ticket.tenant_id = "tenant-" + std::to_string(n % 10);
  r.ticket.user_id = "user-" + std::to_string(n % 1'000);
  r.ticket.state = n % 100 == 0 ? TicketState::kOpen : TicketState::kResolved;
  r.ticket.severity = n % 10 == 0 ? Severity::kHigh : Severity::kLow;
  r.ticket.first_event_time = Second(static_cast<int64_t>(n));
  r.ticket.last_event_time = Second(static_cast<int64_t>(n) + 600);
  r.json = std::string(4'000, 'j');
  r.sinks = {"soc"};
  return r;
}

void SetRows(benchmark::State& state, size_t rows) {
  const auto all = static_cast<int64_t>(state.iterations() * rows);
  state.SetItemsProcessed(all);
  state.SetBytesProcessed(all * static_cast<int64_t>(kValueBytes + 33));
}

// All rows into an empty store.
void CommitNewRows(benchmark::State& state) {
  const StoreCommit commit{.state = UserRows(static_cast<size_t>(state.range(0)))};
  for (auto _ : state) {
    state.PauseTiming();
    auto folder = std::make_unique<Folder>();
    std::unique_ptr<Store> store = Open(*folder, state);
    state.ResumeTiming();
    Check(store->Commit(commit), state);
    state.PauseTiming();
    store.reset();
    folder.reset();
    state.ResumeTiming();
  }
  SetRows(state, commit.state.size());
}
BENCHMARK(CommitNewRows)
    ->Arg(100'000)
    ->Arg(1'000'000)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

// Some of a million rows, at random, with upkeep between as the daemon has it.
void CommitChangedRows(benchmark::State& state) {
  const Folder folder;
  const std::unique_ptr<Store> store = Open(folder, state);
  std::vector<StateRow> rows = UserRows(kStateRows);
  Check(store->Commit({.state = rows}), state);
  Check(store->Maintain(Second(0)).status(), state);
  std::mt19937_64 random(2);
  const auto count = static_cast<size_t>(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    StoreCommit commit;
    for (size_t i = 0; i < count; ++i) {
      StateRow row = rows[random() % rows.size()];
      row.value = RandomBytes(random, kValueBytes);
      commit.state.push_back(std::move(row));
    }
    Check(store->Maintain(Second(0)).status(), state);
    state.ResumeTiming();
    Check(store->Commit(commit), state);
  }
  SetRows(state, count);
}
BENCHMARK(CommitChangedRows)
    ->Arg(100)
    ->Arg(1'000)
    ->Arg(10'000)
    ->Arg(100'000)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

void BareFile(benchmark::State& state) {
  const Folder folder;
  const auto count = static_cast<size_t>(state.range(0));
  const std::string bytes(count * (kValueBytes + 33), 'x');
  const int fd = ::open(folder.Path("bare").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  for (auto _ : state) {
    const ssize_t written = ::pwrite(fd, bytes.data(), bytes.size(), 0);
    if (written < 0 || ::fdatasync(fd) != 0) state.SkipWithError("cannot write");
  }
  ::close(fd);
  SetRows(state, count);
}
BENCHMARK(BareFile)
    ->Arg(100)
    ->Arg(1'000)
    ->Arg(10'000)
    ->Arg(100'000)
    ->Arg(1'000'000)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

// A restart: the check of the state, and all its rows.
void OpenAndLoad(benchmark::State& state) {
  const Folder folder;
  Check(Open(folder, state)->Commit({.state = UserRows(kStateRows)}), state);
  for (auto _ : state) {
    const std::unique_ptr<Store> store = Open(folder, state);
    size_t bytes = 0;
    Check(store->LoadState(kStateHead,
                           [&bytes](const StateRow& row) {
                             bytes += row.value.size();
                             return true;
                           }),
          state);
    benchmark::DoNotOptimize(bytes);
  }
  SetRows(state, kStateRows);
}
BENCHMARK(OpenAndLoad)->Unit(benchmark::kMillisecond)->UseRealTime();

// One ticket from its commit until it is acknowledged.
void OneTicket(benchmark::State& state) {
  const Folder folder;
  const std::unique_ptr<Store> store = Open(folder, state);
  size_t n = 0;
  for (auto _ : state) {
    Check(store->Commit({.moment = Second(0), .revisions = {Revision(n++)}}), state);
    std::vector<Delivery> deliveries;
    Check(store->NextDeliveries("soc", 0, 100, &deliveries), state);
    const DeliveryOutcome outcome{deliveries.front().sequence};
    Check(store->Acknowledge("soc", {&outcome, 1}, {}), state);
  }
}
BENCHMARK(OneTicket)->Unit(benchmark::kMicrosecond)->UseRealTime();

// A page of 100 in the midst of 100,000 tickets. Filters: none, a tenant, a user, open ones, one
// that no index helps with.
void Page(benchmark::State& state) {
  const Folder folder;
  const std::unique_ptr<Store> store = Open(folder, state);
  constexpr size_t kTickets = 100'000;
  for (size_t n = 0; n < kTickets;) {
    StoreCommit commit{.moment = Second(0)};
    for (int i = 0; i < 10'000; ++i) commit.revisions.push_back(Revision(n++));
    Check(store->Commit(commit), state);
  }
  const TicketFilter filters[] = {{},
                                  {.tenant_id = "tenant-3"},
                                  {.user = "user-17"},
                                  {.state = "open"},
                                  {.severity = {"high"}}};
  TicketFilter filter = filters[state.range(0)];
  filter.cursor = std::to_string(Second(kTickets / 2).time_since_epoch().count()) + ".x";
  TicketPage page;
  for (auto _ : state) Check(store->FindTickets(filter, &page), state);
  state.counters["total"] = static_cast<double>(page.total);
}
BENCHMARK(Page)->DenseRange(0, 4)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace signinwatch

BENCHMARK_MAIN();

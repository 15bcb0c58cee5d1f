// The store, of both kinds: what a commit costs, a restart, a page of tickets. BareFile is the
// limit: the same bytes appended to a file and synchronised. Files are made in TMPDIR; PostgreSQL
// is measured where STORE_BENCH_POSTGRES names a database whose role may make schemas
// (with_postgres.sh).
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

enum class Kind : uint8_t { kSqlite, kPostgres };

// Where one benchmark's store is; a new one each time.
class Place {
 public:
  explicit Place(Kind kind) {
    options_.limits.sinks = {"soc"};
    if (kind == Kind::kSqlite) {
      options_.path = folder_.Path("store.db");
      return;
    }
    // A schema of its own is another store.
    static int made = 0;
    const std::string url = std::getenv("STORE_BENCH_POSTGRES");
    const std::string schema = "bench" + std::to_string(++made);
    const std::string make = "psql -X -q -d '" + url + "' -c 'DROP SCHEMA IF EXISTS " + schema +
                             " CASCADE' -c 'CREATE SCHEMA " + schema + "' 2>/dev/null";
    if (std::system(make.c_str()) != 0) std::abort();
    options_.url = url + (url.find('?') == std::string::npos ? "?" : "&") +
                   "options=-csearch_path%3D" + schema;
    options_.clock = &clock::SystemClock();
  }

  [[nodiscard]] std::unique_ptr<store::Store> Open(benchmark::State& state) const {
    auto store = store::OpenStore(options_);
    if (store.ok()) return *std::move(store);
    state.SkipWithError(std::string(store.status().message()).c_str());
    return nullptr;
  }

 private:
  const Folder folder_;
  store::StoreOptions options_;
};

void Check(const absl::Status& status, benchmark::State& state) {
  if (!status.ok()) state.SkipWithError(std::string(status.message()).c_str());
}

absl::Status CommitTo(store::Store& store, const store::StoreCommit& commit) {
  const absl::StatusOr<store::ShardClaim> claim = store.Claim(0);
  return claim.ok() ? store.Commit(*claim, commit) : claim.status();
}

EventTime Second(int64_t n) { return EventTime(std::chrono::seconds(1'764'000'000 + n)); }

store::TicketRevision Revision(size_t n) {
  store::TicketRevision r;
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
void CommitNewRows(benchmark::State& state, Kind kind) {
  const store::StoreCommit commit{.state = UserRows(static_cast<size_t>(state.range(0)))};
  for (auto _ : state) {
    state.PauseTiming();
    auto place = std::make_unique<Place>(kind);
    std::unique_ptr<store::Store> store = place->Open(state);
    state.ResumeTiming();
    Check(CommitTo(*store, commit), state);
    state.PauseTiming();
    store.reset();
    place.reset();
    state.ResumeTiming();
  }
  SetRows(state, commit.state.size());
}
// Some of a million rows, at random, with upkeep between as the daemon has it.
void CommitChangedRows(benchmark::State& state, Kind kind) {
  const Place place(kind);
  const std::unique_ptr<store::Store> store = place.Open(state);
  std::vector<StateRow> rows = UserRows(kStateRows);
  Check(CommitTo(*store, {.state = rows}), state);
  Check(store->Maintain(Second(0)).status(), state);
  std::mt19937_64 random(2);
  const auto count = static_cast<size_t>(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    store::StoreCommit commit;
    for (size_t i = 0; i < count; ++i) {
      StateRow row = rows[random() % rows.size()];
      row.value = RandomBytes(random, kValueBytes);
      commit.state.push_back(std::move(row));
    }
    Check(store->Maintain(Second(0)).status(), state);
    state.ResumeTiming();
    Check(CommitTo(*store, commit), state);
  }
  SetRows(state, count);
}
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
void OpenAndLoad(benchmark::State& state, Kind kind) {
  const Place place(kind);
  Check(CommitTo(*place.Open(state), {.state = UserRows(kStateRows)}), state);
  for (auto _ : state) {
    const std::unique_ptr<store::Store> store = place.Open(state);
    size_t bytes = 0;
    Check(store->LoadState(*store->Claim(0), kStateHead,
                           [&bytes](const StateRow& row) {
                             bytes += row.value.size();
                             return true;
                           }),
          state);
    benchmark::DoNotOptimize(bytes);
  }
  SetRows(state, kStateRows);
}
// One ticket from its commit until it is acknowledged.
void OneTicket(benchmark::State& state, Kind kind) {
  const Place place(kind);
  const std::unique_ptr<store::Store> store = place.Open(state);
  size_t n = 0;
  for (auto _ : state) {
    Check(CommitTo(*store, {.moment = Second(0), .revisions = {Revision(n++)}}), state);
    std::vector<store::Delivery> deliveries;
    Check(store->NextDeliveries("soc", 0, 100, &deliveries), state);
    const store::DeliveryOutcome outcome{deliveries.front().sequence};
    Check(store->Acknowledge("soc", {&outcome, 1}, {}), state);
  }
}
// A page of 100 in the midst of 100,000 tickets. Filters: none, a tenant, a user, open ones, one
// that no index helps with.
void Page(benchmark::State& state, Kind kind) {
  const Place place(kind);
  const std::unique_ptr<store::Store> store = place.Open(state);
  constexpr size_t kTickets = 100'000;
  for (size_t n = 0; n < kTickets;) {
    store::StoreCommit commit{.moment = Second(0)};
    for (int i = 0; i < 10'000; ++i) commit.revisions.push_back(Revision(n++));
    Check(CommitTo(*store, commit), state);
  }
  const store::TicketFilter filters[] = {{},
                                         {.tenant_id = "tenant-3"},
                                         {.user = "user-17"},
                                         {.state = "open"},
                                         {.severity = {"high"}}};
  store::TicketFilter filter = filters[state.range(0)];
  filter.cursor = std::to_string(Second(kTickets / 2).time_since_epoch().count()) + ".x";
  store::TicketPage page;
  for (auto _ : state) Check(store->FindTickets(filter, &page), state);
  state.counters["total"] = static_cast<double>(page.total);
}
void Register(Kind kind, const std::string& name) {
  const auto add = [&](const char* what, void (*run)(benchmark::State&, Kind)) {
    return benchmark::RegisterBenchmark((name + "/" + what).c_str(), run, kind)->UseRealTime();
  };
  add("CommitNewRows", CommitNewRows)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
  add("CommitChangedRows", CommitChangedRows)
      ->RangeMultiplier(10)
      ->Range(100, 100'000)
      ->Unit(benchmark::kMillisecond);
  add("OpenAndLoad", OpenAndLoad)->Unit(benchmark::kMillisecond);
  add("OneTicket", OneTicket)->Unit(benchmark::kMicrosecond);
  add("Page", Page)->DenseRange(0, 4)->Unit(benchmark::kMillisecond);
}

}  // namespace
}  // namespace signinwatch

int main(int argc, char** argv) {
  signinwatch::Register(signinwatch::Kind::kSqlite, "Sqlite");
  if (std::getenv("STORE_BENCH_POSTGRES") != nullptr) {
    signinwatch::Register(signinwatch::Kind::kPostgres, "Postgres");
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}

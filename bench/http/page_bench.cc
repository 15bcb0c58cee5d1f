// What people wait for: each page of the console over a store with 10,000 tickets of two revisions,
// a thousand of them open, from the request to the last byte. Healthy is the limit: HTTP itself.
#include <benchmark/benchmark.h>
#include <httplib.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "daemon/clock/clock.h"
#include "daemon/http/http_server.h"
#include "daemon/store/open_store.h"
#include "daemon/words/ticket_json.h"
#include "detectors/ticket.h"

namespace signinwatch {
namespace {

constexpr size_t kTickets = 10'000;
constexpr size_t kOpenOneIn = 10;
constexpr size_t kTenants = 20;
const EventTime kNow(std::chrono::seconds(1'764'000'000));

std::string IdOf(size_t n) {
  return "00000000-0000-5000-8000-" + std::to_string(100'000'000'000 + n);
}

Ticket TicketNumber(size_t n) {
  Ticket t;
  t.ticket_id = IdOf(n);
  t.detector = "user-session-invalid";
  t.tenant_id = "tenant-" + std::to_string(n % kTenants);
  t.user_id = "user-" + std::to_string(n);
  t.user_principal_name = t.user_id + "@contoso.example";
  t.state = n % kOpenOneIn == 0 ? TicketState::kOpen : TicketState::kResolved;
  t.severity = static_cast<Severity>(n / kOpenOneIn % 5);
  t.cause = Cause::kPasswordResetByAdmin;
  t.first_event_time = kNow - static_cast<int64_t>(n) * std::chrono::minutes(4);
  t.last_event_time = t.first_event_time + std::chrono::minutes(9);
  t.opened_at = t.first_event_time + std::chrono::minutes(2);
  t.event_count = t.total_event_count = 37;
  t.distinct_users = 1;
  t.codes = {{50132, 30}, {50173, 7}};
  t.apps = {{{"00000002-0000-0ff1-ce00-000000000000", "Microsoft Outlook", 37}}, 1};
  t.ip_addresses = {{{"192.0.2.1", "", 37}}, 1};
  t.countries = {{{"DE", "", 37}}, 1};
  for (int i = 0; i < 20; ++i) t.evidence.push_back(IdOf(n + static_cast<size_t>(i)));
  return t;
}

class Console {
 public:
  Console() {
    std::string pattern = (std::filesystem::temp_directory_path() / "page-bench-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    auto store = store::OpenStore({.path = (folder_ / "store.db").string(), .limits = {}});
    if (!store.ok()) std::abort();
    store_ = *std::move(store);
    store::StoreCommit commit{.moment = kNow};
    for (size_t n = 0; n < kTickets; ++n) {
      Ticket ticket = TicketNumber(n);
      for (const uint32_t revision : {1u, 2u}) {
        ticket.revision = revision;
        commit.revisions.push_back({.ticket = ticket,
                                    .json = words::TicketToJson(ticket),
                                    .broker_time = kNow,
                                    .sinks = {}});
      }
    }
    if (!store_->Commit(*store_->Claim(0), commit).ok()) std::abort();
    config::HttpConfig config;
    config.listen = "127.0.0.1:0";
    http::HttpLimits limits;
    limits.page_age_max = std::chrono::milliseconds(0);  // each request makes its page
    auto server = http::HttpServer::Start(clock::SystemClock(), config,
                                          {.store = store_.get(),
                                           .status =
                                               [] {
                                                 pipeline::ServeStatus status;
                                                 status.now = status.started_at = kNow;
                                                 status.watermark = kNow;
                                                 return status;
                                               },
                                           .metrics = [](bool) { return std::string(); },
                                           .reload = {}},
                                          limits);
    if (!server.ok()) std::abort();
    server_ = *std::move(server);
  }
  ~Console() {
    server_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  [[nodiscard]] int port() const { return server_->port(); }

 private:
  std::filesystem::path folder_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<http::HttpServer> server_;
};

void Open(benchmark::State& state, const std::string& path) {
  static const Console console;
  size_t bytes = 0;
  for (auto _ : state) {
    httplib::Client client("127.0.0.1", console.port());
    const auto answer = client.Get(path);
    if (!answer || answer->status != 200) {
      state.SkipWithError("no answer");
      return;
    }
    bytes = answer->body.size();
  }
  state.counters["page_bytes"] = static_cast<double>(bytes);
}

const int kRegistered = [] {
  const std::pair<const char*, std::string> pages[] = {
      {"Healthy", "/-/healthy"},
      {"Status", "/"},
      {"Tickets", "/tickets"},
      {"TicketsFiltered", "/tickets?state=open&severity=high&tenant=tenant-3"},
      {"Search", "/tickets?q=user-77+outlook&sort=severity&severity=high&severity=low"},
      {"SearchNothing", "/api/v1/tickets?q=nobody+at+all"},
      {"NeedsReview", "/tickets?review=needed&sort=severity"},
      {"User", "/user?tenant=tenant-3&id=user-23"},
      {"Tenant", "/tenant?id=tenant-3"},
      {"Runbook", "/runbook"},
      {"Story", "/tickets/" + IdOf(5'000)},
      {"Tenants", "/tenants"},
      {"Capacity", "/capacity"},
      {"ApiTickets", "/api/v1/tickets?limit=100"}};
  for (const auto& [name, path] : pages) {
    benchmark::RegisterBenchmark(name,
                                 [path = path](benchmark::State& state) { Open(state, path); })
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
  }
  return 0;
}();

}  // namespace
}  // namespace signinwatch

BENCHMARK_MAIN();

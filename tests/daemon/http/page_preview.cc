// Serves the pages with tickets from a file, to look at them in a browser.
//
//   signinwatch generate | signinwatch replay --events - > tickets.jsonl
//   page_preview tickets.jsonl 9532 [troubled]
//
// The times of its status are moved to those of the last ticket.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>

#include "daemon/clock/clock.h"
#include "daemon/http/http_server.h"
#include "nlohmann/json.hpp"
#include "tests/daemon/http/fake_store.h"
#include "tests/daemon/http/sample_status.h"

int main(int argc, char** argv) {
  using namespace signinwatch;
  if (argc < 3) {
    std::cerr << "usage: page_preview TICKETS.jsonl PORT [troubled]\n";
    return 2;
  }
  http::FakeStore store;
  EventTime latest = kBeginningOfTime;
  std::ifstream file(argv[1]);
  for (std::string line; std::getline(file, line);) {
    store.Add(line);
    const auto ticket = nlohmann::json::parse(line);
    latest = std::max(latest, *ParseEventTime(ticket["opened_at"].get<std::string>()));
  }
  pipeline::ServeStatus status = argc > 3 ? http::TroubledStatus() : http::SampleStatus();
  const Duration shift = latest + std::chrono::minutes(1) - status.now;
  for (EventTime* time :
       {&status.now, &status.started_at, &status.watermark, &status.last_commit_at}) {
    *time += shift;
  }
  for (pipeline::SinkStatus& sink : status.sinks) {
    sink.delivery.last_delivered_at += shift;
    sink.outbox.oldest += shift;
  }
  for (store::FailureCount& failure : status.failures) {
    failure.bucket = std::chrono::floor<std::chrono::minutes>(failure.bucket + shift);
    failure.bucket -= failure.bucket.time_since_epoch() % store::kFailureBucket;
  }
  config::HttpConfig config;
  config.listen = std::string("127.0.0.1:") + argv[2];
  auto server =
      http::HttpServer::Start(clock::SystemClock(), config,
                              {.store = &store,
                               .status = [&] { return status; },
                               .metrics = [](bool) { return std::string("# no metrics here\n"); },
                               .reload = {}});
  if (!server.ok()) {
    std::cerr << std::string(server.status().message()) << '\n';
    return 1;
  }
  std::cout << "http://" << (*server)->address() << "/  Enter ends it.\n" << std::flush;
  std::cin.get();
}

// `signinwatch demo`: the whole daemon at work, with nothing installed and nothing left behind.
//
// A Kafka cluster inside this process, generated traffic of compressed time, and `serve` reading
// it. Each revision of a ticket is printed as it is committed.
#ifndef SIGNINWATCH_DAEMON_DEMO_DEMO_H_
#define SIGNINWATCH_DAEMON_DEMO_DEMO_H_

#include <cstdint>
#include <cstdio>
#include <string>

#include "parser/event_time.h"

namespace signinwatch::demo {

struct DemoOptions {
  Duration run_for{0};                    // 0: until SIGINT or SIGTERM
  std::string listen = "127.0.0.1:9532";  // host:port; port 0: any free one
  uint32_t speed = 180;                   // seconds of event time in a second
  uint32_t users = 1'500;
};

// Tickets, the address and the summary go to `out`, log lines and errors to standard error and
// `err`. The result is the exit code: 0 fine, also when interrupted; 1 failed while running; 2 it
// can not listen there. Takes over SIGINT and SIGTERM while it runs.
[[nodiscard]] int RunDemo(const DemoOptions& options, std::FILE* out, std::FILE* err);

}  // namespace signinwatch::demo

#endif  // SIGNINWATCH_DAEMON_DEMO_DEMO_H_

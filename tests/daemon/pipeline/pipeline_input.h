// A day of generated traffic by partition, and what replay makes of it: the pipeline must make the
// same.
#ifndef SIGNINWATCH_TESTS_DAEMON_PIPELINE_PIPELINE_INPUT_H_
#define SIGNINWATCH_TESTS_DAEMON_PIPELINE_PIPELINE_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "daemon/config/config.h"
#include "tests/daemon/pipeline/memory_store.h"

namespace signinwatch::pipeline {

inline constexpr size_t kInputPartitions = 4;

struct PipelineInput {
  std::vector<std::vector<std::string>> partitions;
  std::map<int32_t, int64_t> ends;    // of the partitions
  std::vector<std::string> expected;  // final tickets, comparable, sorted
  uint64_t records = 0;
};

// Made once.
[[nodiscard]] const PipelineInput& TheInput();

// Short times, and commits in plenty.
[[nodiscard]] config::Config PipelineTestConfig();

// A ticket's JSON without what SPEC 4 leaves out of the comparison. A parent is compared by whether
// there is one.
[[nodiscard]] std::string ComparableTicket(const std::string& text);

// The last revision of each ticket.
[[nodiscard]] std::map<std::string, store::TicketRevision> LastRevisions(
    const std::vector<store::TicketRevision>& revisions);
[[nodiscard]] std::map<std::string, store::TicketRevision> LastRevisions(const MemoryStore& store);
// As PipelineInput::expected.
[[nodiscard]] std::vector<std::string> FinalTickets(
    const std::vector<store::TicketRevision>& revisions);
[[nodiscard]] std::vector<std::string> FinalTickets(const MemoryStore& store);

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_TESTS_DAEMON_PIPELINE_PIPELINE_INPUT_H_

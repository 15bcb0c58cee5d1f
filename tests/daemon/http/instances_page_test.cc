#include "daemon/http/page/instances_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "daemon/http/instance_details.h"
#include "parser/event_time.h"
#include "tests/daemon/http/fake_instances.h"

namespace signinwatch::http {
namespace instances_page_test {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const EventTime kNow = *ParseEventTime("2026-11-24T10:00:00Z");

class InstancesPageTest : public testing::Test {
 protected:
  HttpReply Page() { return InstancesPage(store_, {.now = kNow}); }

  FakeInstances store_;
};

TEST_F(InstancesPageTest, WhoIsThereAndWhatTheyHave) {
  store_.known.seen = {
      {.facts = {.name = "detect-0",
                 .role = "detect",
                 .version = "1.2.3",
                 .started_at = kNow - std::chrono::hours(2),
                 .details = InstanceDetails(12'345)},
       .seen_at = kNow - std::chrono::seconds(5),
       .shards = {0, 3},
       .is_this = true},
      {.facts = {.name = "detect-1<b>", .role = "detect", .version = "1.2.3"}, .seen_at = kNow}};
  const HttpReply reply = Page();
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body, AllOf(HasSubstr("detect-0</bdi> (this one)"), HasSubstr("<td>0, 3</td>"),
                                HasSubstr("12,345"), HasSubstr("detect-1&lt;b&gt;"),
                                HasSubstr("<td>none</td>"), HasSubstr("not known")));
  EXPECT_THAT(reply.body, Not(HasSubstr("No instance works on")));
}

TEST_F(InstancesPageTest, PartitionsThatNobodyHas) {
  store_.known.unowned = {7, 9};
  EXPECT_THAT(Page().body, HasSubstr("No instance works on partition 7, 9"));
}

TEST_F(InstancesPageTest, AStoreThatDoesNotAnswer) {
  store_.status = absl::UnavailableError("no connection");
  EXPECT_EQ(Page().status, 503);
}

}  // namespace instances_page_test
}  // namespace signinwatch::http

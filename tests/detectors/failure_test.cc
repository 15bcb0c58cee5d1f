#include "detectors/failure.h"

#include <gtest/gtest.h>

#include <string_view>

namespace signinwatch {
namespace failure_test {

TextRef Append(std::string_view text, ParsedMessage* message) {
  const auto offset = static_cast<uint32_t>(message->text.size());
  message->text.append(text);
  return {offset, static_cast<uint32_t>(text.size())};
}

TEST(FailureTest, KeepsOfASignInWhatTicketsTell) {
  ParsedMessage message;
  Signal signal;
  signal.event_time = EventTime(std::chrono::hours(1));
  signal.user = MakeId<UserId>("user1");
  signal.user_text = Append("user1", &message);
  signal.user_principal_name = Append("User1@contoso.example", &message);
  signal.app_id = Append("app", &message);
  signal.country = Append("DE", &message);
  signal.id = MakeId<RecordId>("record1");
  signal.id_text = Append("record1", &message);
  signal.address = ParseIpAddress("192.0.2.1");
  signal.guest = true;
  TextPool pool;
  FailureProfiles profiles;
  const Failure failure = MakeFailure(signal, message, 3, {}, &pool, &profiles);
  EXPECT_EQ(failure.time, signal.event_time);
  EXPECT_EQ(failure.id.ToText(pool), "record1");
  EXPECT_EQ(pool.Get(failure.user.text), "user1");
  EXPECT_FALSE(failure.user.by_name);
  EXPECT_EQ(pool.Get(failure.user_principal_name), "User1@contoso.example");
  EXPECT_EQ(pool.Get(failure.app_id), "app");
  EXPECT_EQ(pool.Get(failure.country), "DE");
  EXPECT_EQ(failure.device, 0u);
  EXPECT_EQ(failure.code_index, 3);
  EXPECT_TRUE(failure.guest);
  EXPECT_TRUE(failure.has_address);
  const Failure again = MakeFailure(signal, message, 3, failure, &pool, &profiles);
  EXPECT_EQ(again.user.text, failure.user.text);
}

}  // namespace failure_test
}  // namespace signinwatch

#include "detectors/audit_log.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "tests/detectors/moments.h"

namespace signinwatch {
namespace audit_log_test {

using std::chrono::hours;

class AuditLogTest : public testing::Test {
 protected:
  TextRef Text(std::string_view text) {
    const TextRef ref{static_cast<uint32_t>(message_.text.size()),
                      static_cast<uint32_t>(text.size())};
    message_.text += text;
    return ref;
  }
  AuditOf Make(std::string_view target, std::string_view target_name, std::string_view actor,
               std::string_view actor_name, AuditSubject subject = AuditSubject::kSecurityInfo) {
    message_.Clear();
    Signal signal;
    signal.event_time = kMorning;
    signal.category = Category::kAudit;
    signal.detail = 0;
    signal.user = target.empty() ? MakeNameId(target_name) : MakeId<UserId>(target);
    signal.user_principal_name = Text(target_name);
    AuditDetail& detail = message_.audits.emplace_back();
    detail.operation = Text("User registered security info");
    detail.actor_user_id = Text(actor);
    detail.actor_user_principal_name = Text(actor_name);
    detail.target_name = Text("Require MFA");
    return MakeAuditEvent(signal, message_, subject, &pool_);
  }
  TextPool pool_;
  ParsedMessage message_;
  AuditLog log_{&pool_, 10};
};

TEST_F(AuditLogTest, KnowsOperationsWithoutCaseAndBlanks) {
  const AuditOperations operations{CorrelationConfig{}};
  const auto subject = [&operations](const char* operation) {
    return operations.SubjectOf(NormalizeOperation(operation));
  };
  EXPECT_EQ(subject("USER registered security info."), AuditSubject::kSecurityInfo);
  EXPECT_EQ(subject(" disable strong authentication"), AuditSubject::kSecurityInfo);
  EXPECT_EQ(subject("Update Conditional Access policy"), AuditSubject::kPolicy);
  EXPECT_EQ(subject("User reviewed security info"), AuditSubject::kNothing);
  EXPECT_EQ(subject("Reset password"), AuditSubject::kNothing);
}

TEST_F(AuditLogTest, ATargetGoesBeforeTheActor) {
  EXPECT_EQ(Make("user1", "", "user2", "").user, MakeId<UserId>("user1"));
  EXPECT_EQ(Make("", "user1@contoso.example", "user2", "").user,
            MakeNameId("user1@contoso.example"));
  EXPECT_EQ(Make("", "", "USER2", "").user, MakeId<UserId>("user2"));
  EXPECT_EQ(Make("", "", "00000000-0000-0000-0000-000000000000", "User2@contoso.example").user,
            MakeNameId("user2@contoso.example"));
  EXPECT_FALSE(Make("", "", "", "").user.present());
  const AuditOf made = Make("user1", "User1@contoso.example", "", "Admin@contoso.example");
  EXPECT_EQ(pool_.Get(made.event.user_principal_name), "user1@contoso.example");
  EXPECT_EQ(pool_.Get(made.event.actor), "Admin@contoso.example");
}

TEST_F(AuditLogTest, APolicyIsOfItsTenantAndNamed) {
  const AuditOf made = Make("", "", "user2", "", AuditSubject::kPolicy);
  EXPECT_FALSE(made.user.present());
  EXPECT_EQ(pool_.Get(made.event.policy), "Require MFA");
  EXPECT_EQ(pool_.Get(made.event.actor), "user2");
}

TEST_F(AuditLogTest, EachRecordIdOnce) {
  const UserKey user(1, MakeId<UserId>("user1"));
  AuditEvent event{.time = kMorning, .record_id = pool_.Intern("record1")};
  EXPECT_TRUE(log_.Add(user, event));
  EXPECT_FALSE(log_.Add(user, event));
  event.record_id = 0;
  EXPECT_TRUE(log_.Add(user, event));
  EXPECT_TRUE(log_.Add(user, event)) << "without an id nobody can tell a copy";
  EXPECT_EQ(log_.bytes(), 3 * (32 + AuditLog::kPlaceBytes));
}

}  // namespace audit_log_test
}  // namespace signinwatch

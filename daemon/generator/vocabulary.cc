#include "daemon/generator/vocabulary.h"

namespace signinwatch::generator {
namespace {

constexpr std::string_view kFirstNames[] = {
    "Anna",  "Bela", "Carla", "Dmitri", "Elif",  "Farid", "Greta", "Hiro",  "Ines",  "Jonas",
    "Katja", "Lars", "Mina",  "Noah",   "Olga",  "Pavel", "Quinn", "Rosa",  "Sven",  "Tarek",
    "Uma",   "Vera", "Wanda", "Ximena", "Yusuf", "Zoe",   "Aiko",  "Bruno", "Celia", "Dario"};
constexpr std::string_view kLastNames[] = {
    "Adler",  "Brandt", "Costa",  "Dahl",   "Evans",    "Fischer", "Garcia",
    "Holm",   "Ito",    "Jansen", "Keller", "Lopez",    "Meyer",   "Novak",
    "Okafor", "Park",   "Rossi",  "Silva",  "Tanaka",   "Ueda",    "Vogel",
    "Weber",  "Young",  "Zimmer", "Berg",   "Carlsson", "Duarte",  "Egger"};
constexpr std::string_view kCompanies[] = {"contoso",   "fabrikam",  "tailspin",  "litware",
                                           "northwind", "adventure", "proseware", "woodgrove"};

constexpr Place kPlaces[] = {
    {"DE", "Bayern", "Muenchen", "48.137", "11.575", 60, "3320"},
    {"FR", "Ile-de-France", "Paris", "48.857", "2.352", 60, "3215"},
    {"GB", "England", "London", "51.507", "-0.128", 0, "2856"},
    {"US", "New York", "New York", "40.713", "-74.006", -300, "701"},
    {"US", "Washington", "Seattle", "47.606", "-122.332", -480, "7922"},
    {"JP", "Tokyo", "Tokyo", "35.690", "139.692", 540, "4713"},
    {"IN", "Maharashtra", "Pune", "18.520", "73.857", 330, "55836"},
    {"BR", "Sao Paulo", "Sao Paulo", "-23.551", "-46.633", -180, "28573"},
};

constexpr std::string_view kExchange = "00000002-0000-0ff1-ce00-000000000000";
constexpr std::string_view kGraph = "00000003-0000-0000-c000-000000000000";
constexpr std::string_view kSharePoint = "00000003-0000-0ff1-ce00-000000000000";
constexpr std::string_view kDirectory = "00000002-0000-0000-c000-000000000000";
constexpr App kApps[] = {
    {"d3590ed6-52b3-4102-aeff-aad2292ab01c", "Microsoft Office", kExchange,
     "Office 365 Exchange Online"},
    {"1fec8e78-bce4-4aaf-ab1b-5451cc387264", "Microsoft Teams", kGraph, "Microsoft Graph"},
    {"27922004-5251-4030-b22d-91ecd9a37ea4", "Outlook Mobile", kExchange,
     "Office 365 Exchange Online"},
    {"ab9b8c07-8f02-4f72-87fa-80105867a763", "OneDrive SyncEngine", kSharePoint,
     "Office 365 SharePoint Online"},
    {"4765445b-32c6-49b0-83e6-1d93765276ca", "OfficeHome", kGraph, "Microsoft Graph"},
    {"c44b4083-3bb0-49c1-b47d-974e53cbdf3c", "Azure Portal", "797f4846-ba00-4fd7-ba43-dac1f8f63013",
     "Windows Azure Service Management API"},
    {"04b07795-8ddb-461a-bbee-02f9e1bf7b46", "Microsoft Azure CLI",
     "797f4846-ba00-4fd7-ba43-dac1f8f63013", "Windows Azure Service Management API"},
    {"38aa3b87-a06d-4817-b275-7a316988d93b", "Windows Sign In", kDirectory,
     "Windows Azure Active Directory"},
    {"89bee1f7-5e6e-4d8a-9f3d-ecd601259da7", "Office365 Shell WCSS-Client", kGraph,
     "Microsoft Graph"},
    {"00000002-0000-0ff1-ce00-000000000000", "Office 365 Exchange Online", kExchange,
     "Office 365 Exchange Online"},
};

constexpr Client kClients[] = {
    {"Browser", "Windows10", "Edge 130.0.0",
     "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0",
     "Azure AD joined"},
    {"Browser", "MacOs", "Safari 17.6",
     "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
     "Version/17.6 Safari/605.1.15",
     ""},
    {"Mobile Apps and Desktop clients", "Windows10", "Rich Client 5.2.1.0",
     "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Win64; x64; Trident/7.0; Microsoft "
     "Outlook 16.0.17928)",
     "Hybrid Azure AD joined"},
    {"Mobile Apps and Desktop clients", "Ios 18.1", "Mobile Safari",
     "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Mobile/15E148",
     "Azure AD registered"},
    {"Mobile Apps and Desktop clients", "Android 15", "Chrome Mobile 130.0.0",
     "Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
     "Chrome/130.0.6723.58 Mobile Safari/537.36",
     "Azure AD registered"},
    {"Browser", "Windows10", "Firefox 132.0",
     "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0",
     "Azure AD registered"},
    {"Exchange ActiveSync", "Ios", "", "Apple-iPhone15C2/2201.100", ""},
    {"Authenticated SMTP", "", "", "BAV2ROPC", ""},
    {"Exchange Web Services", "MacOs", "", "MacOutlook/16.89.24090815 (Intelx64 Mac OS X 14.6)",
     ""},
};
static_assert(std::size(kClients) > kModernClients);

constexpr ErrorText kErrors[] = {
    {50126, "Error validating credentials due to invalid username or password.", 20},
    {50058, "Session information is not sufficient for single-sign-on.", 18},
    {50140,
     "This error occurred due to 'Keep me signed in' interrupt when the user was signing-in.", 20},
    {50074, "Strong Authentication is required.", 14},
    {50076,
     "Due to a configuration change made by your administrator, or because you moved to a new "
     "location, you must use multi-factor authentication to access the resource.",
     10},
    {65001,
     "The user or administrator has not consented to use the application with the given "
     "identifier.",
     4},
    {700082, "The refresh token has expired due to inactivity.", 8},
    {70043,
     "The refresh token has expired or is invalid due to sign-in frequency checks by Conditional "
     "Access.",
     6},
    {500133, "Assertion is not within its valid time range.", 2},
    {53003, "Access has been blocked by Conditional Access policies.", 5},
    {50053, "The account is locked, you've tried to sign in too many times.", 3},
    {90072, "User account does not exist in the tenant and cannot access the application.", 2},
};
constexpr ErrorText kWatched[] = {
    {50132, "The session is not valid due to password expiration or recent password change.", 0},
    {50133, "The session is not valid due to password expiration or recent password change.", 0},
    {50173, "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
     0},
    {50055, "The password is expired.", 0},
    {50144, "The user's Active Directory password has expired.", 0},
};

constexpr AuditOperation kOperations[] = {
    {"Update user", "Core Directory", "UserManagement", "Update"},
    {"Add member to group", "Core Directory", "GroupManagement", "Assign"},
    {"Remove member from group", "Core Directory", "GroupManagement", "Unassign"},
    {"Add user", "Core Directory", "UserManagement", "Add"},
    {"Update device", "Core Directory", "Device", "Update"},
    {"Update service principal", "Core Directory", "ApplicationManagement", "Update"},
    {"Consent to application", "Core Directory", "ApplicationManagement", "Assign"},
    {"Self-service password reset flow activity progress", "Self-service Password Management",
     "UserManagement", "Update"},
    {"User registered security info", "Authentication Methods", "UserManagement", "Update"},
};

constexpr std::string_view kMfaMethods[] = {"Mobile app notification", "OATH verification code",
                                            "Text message", "FIDO2 security key",
                                            "Windows Hello for Business"};

constexpr std::string_view kSubjects[] = {"All Users",   "Admins", "Guests", "Finance",
                                          "Engineering", "Sales",  "Kiosks", "Partners",
                                          "Breakglass",  "HR"};
constexpr std::string_view kAims[] = {"Require multifactor authentication",
                                      "Block legacy authentication",
                                      "Require compliant device",
                                      "Block unknown locations",
                                      "Limit session lifetime",
                                      "Require app protection policy",
                                      "Require phishing-resistant MFA",
                                      "Terms of use"};

}  // namespace

std::span<const std::string_view> FirstNames() { return kFirstNames; }
std::span<const std::string_view> LastNames() { return kLastNames; }
std::span<const std::string_view> Companies() { return kCompanies; }
std::span<const Place> Places() { return kPlaces; }
std::span<const App> Apps() { return kApps; }
std::span<const Client> Clients() { return kClients; }
std::span<const ErrorText> BackgroundErrors() { return kErrors; }
std::span<const AuditOperation> BackgroundOperations() { return kOperations; }
std::span<const std::string_view> MfaMethods() { return kMfaMethods; }
std::span<const std::string_view> PolicySubjects() { return kSubjects; }
std::span<const std::string_view> PolicyAims() { return kAims; }

std::string_view ReasonOf(int32_t code) {
  for (const ErrorText& error : kWatched) {
    if (error.code == code) return error.reason;
  }
  for (const ErrorText& error : kErrors) {
    if (error.code == code) return error.reason;
  }
  return {};
}

}  // namespace signinwatch::generator

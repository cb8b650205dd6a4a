import dev.wigwag.v2tim.V2TIMGroupInfo;
import dev.wigwag.v2tim.V2TIMManager;
import dev.wigwag.v2tim.V2TIMSDKConfig;
import java.util.List;

/** Lists that have many pages, against a server that is played by hand: V2timPages URL SDK_APP_ID PAGES */
final class V2timPages {
    private V2timPages() {}

    private static Checks.Outcome<List<V2TIMGroupInfo>> joined() {
        Checks.Outcome<List<V2TIMGroupInfo>> joined = new Checks.Outcome<>();
        V2TIMManager.getGroupManager().getJoinedGroupList(joined);
        return joined;
    }

    public static void main(String[] words) throws Exception {
        Checks.run(() -> {
            V2TIMSDKConfig config = new V2TIMSDKConfig();
            config.setServerAddress(words[0]);
            V2TIMManager sdk = V2TIMManager.getInstance();
            Checks.check(sdk.initSDK(null, Integer.parseInt(words[1]), config));
            Checks.same(Checks.codeOf(callback -> sdk.login("bob", "a token", callback)), 0);
            Checks.same(joined().get().size(), Integer.parseInt(words[2]));
            // The second list does not end.
            Checks.same(joined().code(), 9508);
            System.out.println("every page was read");
            sdk.unInitSDK();
        });
    }
}

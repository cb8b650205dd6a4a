"""A back end that was written for Tencent's REST API: tencentcloud-sdk-python-im, the public package of PyPI, as it is, asks a real server.

    python scripts/tencent_rest.py PATH_OF_WIGWAG
"""

import pathlib
import subprocess
import sys
import tempfile

from tencentcloud_im.tcim_client import (
    BatchMessageObj,
    FriendObj,
    GroupAppDefinedData,
    GroupMemObj,
    GroupObj,
    MessageFile,
    MessageObj,
    MessageText,
    TCIMClient,
)

APP = 1_400_000_000
KEY = "a key that only this test knows, 32 bytes and more"
# Far above what a loaded machine needs, seconds.
PATIENCE = 60


class Server:
    """A server on a folder of its own, with an administrator."""

    def __init__(self, wigwag, folder):
        (folder / "wigwag.toml").write_text(
            f'listen = "127.0.0.1:0"\nsdk_app_id = {APP}\n[auth]\nkey = "{KEY}"\n'
            '[api]\ntencent_administrators = ["administrator"]\n'
        )
        place = ["--config", folder / "wigwag.toml", "--data", folder / "data"]
        self.log = folder / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen([wigwag, "serve", *place], stdout=subprocess.PIPE, stderr=log, text=True)
        words = (word for line in self.process.stdout for word in line.split())
        self.address = next((word for word in words if word.startswith("http://")), None)
        assert self.address, self.log.read_text()

    def stops(self):
        self.process.terminate()
        return self.process.wait(PATIENCE)


def done(answer):
    """What a request that succeeds is answered."""
    body = answer.json()
    assert (answer.status_code, body["ActionStatus"], body["ErrorCode"]) == (200, "OK", 0), body
    return body


def refused(number, answer):
    body = answer.json()
    assert (answer.status_code, body["ActionStatus"], body["ErrorCode"]) == (200, "FAIL", number), body
    assert body["ErrorInfo"], body


def accounts(client):
    done(client.add_single_user("alice", "Alice", "https://pictures.example/a"))
    assert done(client.batch_add_users(["bob", "carol"]))["FailAccounts"] == []
    found = done(client.search_user(["alice", "nobody"]))["ResultItem"]
    assert [one["AccountStatus"] for one in found] == ["Imported", "NotImported"], found
    online = done(client.check_user_online(["alice", "nobody"]))
    assert online["QueryResult"][0]["Status"] == "Offline", online
    assert online["ErrorList"][0]["To_Account"] == "nobody", online
    done(client.abolition_user_sig("carol"))


def messages(client):
    sent = done(client.send_message(MessageObj("alice", "bob", [MessageText("your driver is here")])))
    assert sent["MsgTime"] > 0, sent
    done(client.send_message(MessageObj("alice", "bob", [], [MessageFile("https://files.example/a", 5, "a.txt")])))
    many = done(client.batch_send_message(BatchMessageObj("alice", ["bob", "nobody"], [MessageText("we are late")])))
    assert [one["To_Account"] for one in many["ErrorList"]] == ["nobody"], many
    assert done(client.get_unread_num("bob"))["AllC2CUnreadMsgNum"] == 3
    assert done(client.get_unread_num("bob", ["alice"]))["C2CUnreadMsgNumList"][0]["C2CUnreadMsgNum"] == 3
    done(client.set_user_message_read("bob", "alice"))
    assert done(client.get_unread_num("bob"))["AllC2CUnreadMsgNum"] == 0
    done(client.draw_message("alice", "bob", sent["MsgKey"]))
    page = done(client.get_message_list("alice", "bob", 10, 0, 4_000_000_000))
    said = [(one["MsgFlagBits"], [element["MsgType"] for element in one["MsgBody"]]) for one in page["MsgList"]]
    assert said == [(8, []), (0, ["TIMFileElem"]), (0, ["TIMTextElem"])], page
    assert page["Complete"] == 1, page
    refused(90_001, client.send_message(MessageObj("alice", "bob", [MessageText("one"), MessageText("two")])))


def groups(client):
    city = [GroupAppDefinedData("city", "Porto")]
    wish = GroupObj("alice", "Public", "Team", "us", mem_list=[GroupMemObj("bob", "Admin")], applicationData=city, group_id="team")
    assert done(client.create_group(wish))["GroupId"] == "team"
    added = done(client.add_group_member("team", [GroupMemObj("carol"), GroupMemObj("bob"), GroupMemObj("nobody")]))
    assert [one["Result"] for one in added["MemberList"]] == [1, 2, 0], added
    done(client.update_group_baseinfo("team", "The team", notification="lunch at one"))
    team = done(client.get_group_detail(["team"]))["GroupInfo"][0]
    assert (team["Name"], team["Introduction"], team["Notification"], team["MemberNum"]) == ("The team", "us", "lunch at one", 3), team
    assert team["AppDefinedData"] == [{"Key": "city", "Value": "Porto"}], team
    members = done(client.get_group_mem_info_detail("team", 100))["MemberList"]
    assert [(one["Member_Account"], one["Role"]) for one in members] == [("alice", "Owner"), ("bob", "Admin"), ("carol", "Member")], members
    done(client.update_group_mem_info("team", "bob", "Member"))
    sent = done(client.send_group_message("team", [MessageText("hello")], from_account="carol"))
    assert [one["From_Account"] for one in done(client.get_msg_in_group("team", 5))["RspMsgList"]] == ["carol"]
    recalled = done(client.recall_group_message("team", [sent["MsgSeq"]]))["RecallRetList"]
    assert recalled == [{"MsgSeq": sent["MsgSeq"], "RetCode": 0}], recalled
    done(client.send_system_message_in_group("team", "lunch at one", ["carol", "nobody"]))
    done(client.change_group_owner("team", "bob"))
    roles = done(client.get_mem_role_in_group("team", ["alice", "bob", "nobody"]))["UserIdList"]
    assert [one["Role"] for one in roles] == ["Admin", "Owner", "NotMember"], roles
    assert done(client.get_joined_groups("carol"))["GroupIdList"][0]["GroupId"] == "team"
    done(client.delete_group_mem("team", ["carol"]))
    done(client.delete_group("team"))
    refused(10_010, client.delete_group("team"))


def what_is_not_there(client):
    refused(60_009, client.add_friend("alice", [FriendObj("bob", "web")]))
    refused(60_009, client.get_group())
    refused(60_009, client.forbid_send_msg("team", ["bob"], 60))
    done(client.del_user(["carol"]))
    assert done(client.search_user(["carol"]))["ResultItem"][0]["AccountStatus"] == "NotImported"
    # The name of a deleted account is never given out again.
    refused(70_107, client.add_single_user("carol", "Carol", ""))
    done(client.del_user(["carol"]))


def play(address):
    client = TCIMClient(APP, KEY, "administrator", tencent_url=f"{address.rstrip('/')}/v4")
    refused(60_010, TCIMClient(APP, KEY, "alice", tencent_url=client.tecent_url).search_user(["alice"]))
    for story in (accounts, messages, groups, what_is_not_there):
        story(client)


def main():
    with tempfile.TemporaryDirectory() as name:
        server = Server(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(name))
        try:
            play(server.address)
        except BaseException:
            print(server.log.read_text(), file=sys.stderr)
            raise
        finally:
            ended = server.stops()
        assert ended == 0, server.log.read_text()
        assert "usersig" not in server.log.read_text(), server.log.read_text()
    print("tencentcloud-sdk-python-im is answered")


if __name__ == "__main__":
    main()

"""What users do to their folders, by the lab's own EWS."""
from harness import equal

NOTE = ('<m:CreateItem MessageDisposition="SaveOnly"><m:SavedItemFolderId>'
        '<t:FolderId Id="{}"/></m:SavedItemFolderId><m:Items><t:Message>'
        "<t:Subject>{}</t:Subject></t:Message></m:Items></m:CreateItem>")
RENAME = ('<m:UpdateFolder><m:FolderChanges><t:FolderChange><t:FolderId Id="{}" '
          'ChangeKey="{}"/><t:Updates><t:SetFolderField><t:FieldURI '
          'FieldURI="folder:DisplayName"/><t:Folder><t:DisplayName>{}'
          "</t:DisplayName></t:Folder></t:SetFolderField></t:Updates>"
          "</t:FolderChange></m:FolderChanges></m:UpdateFolder>")
MOVE = ('<m:MoveFolder><m:ToFolderId><t:FolderId Id="{}"/></m:ToFolderId>'
        '<m:FolderIds><t:FolderId Id="{}"/></m:FolderIds></m:MoveFolder>')
DELETE = ('<m:DeleteFolder DeleteType="SoftDelete"><m:FolderIds><t:FolderId '
          'Id="{}"/></m:FolderIds></m:DeleteFolder>')


def do(client, request):
    answer = client(request)
    equal(set(answer.codes()), {"NoError"}, answer.body)
    return answer


def folders_with_a_note(client, parent, *names):
    """An item in each; their ids."""
    ids = client.create_folder(parent, *names).ids("t:FolderId")
    for one, name in zip(ids, names):
        do(client, NOTE.format(one, f"note in {name}"))
    return ids


def rename(client, folder, name):
    key = client.get_folder(folder).all("t:FolderId")[0].get("ChangeKey")
    do(client, RENAME.format(folder, key, name))


def move(client, folder, parent):
    do(client, MOVE.format(parent, folder))


def delete(client, folder):
    do(client, DELETE.format(folder))

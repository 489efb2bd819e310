// The words of the pages roles and departments, written here once more on purpose, as in said.mjs.

export const words = {
  id: { zh: '编号', en: 'Id' },
  nameZH: { zh: '名称（中文）', en: 'Name (Chinese)' },
  nameEN: { zh: '名称（英文）', en: 'Name (English)' },
  save: { zh: '保存', en: 'Save' },
  cancel: { zh: '取消', en: 'Cancel' },
  changes: { zh: /^修改“/, en: /^Change “/ },
  roles: {
    add: { zh: '添加角色', en: 'Add a role' },
    everything: { zh: '对所有情况担任', en: 'Held for everything' },
    onlyFor: { zh: (value) => `只对“${value}”`, en: (value) => `Only for “${value}”` },
    value: { zh: '范围, 第 1 行', en: 'Only for, Line 1' },
    people: { zh: '担任者, 第 1 行', en: 'Held by, Line 1' },
    role: { zh: '角色, 第 1 行', en: 'Role, Line 1' },
    half: { zh: '每一行都要写范围（最多 100 个字）并选人', en: 'Each line needs a value, of at most 100 characters, and somebody' },
    halfOfPerson: { zh: '每一行都要选角色，并写上范围（最多 100 个字）', en: 'Each line needs a role and a value, of at most 100 characters' },
    nobody: { zh: '没有人担任', en: 'Nobody holds it' },
    removeLine: { zh: /^删除第 1 行/, en: /^Delete line 1/ },
  },
  departments: {
    add: { zh: '添加部门', en: 'Add a department' },
    parent: { zh: '上级部门', en: 'Stands under' },
    head: { zh: '负责人', en: 'Head' },
    inCharge: { zh: '分管领导', en: 'In charge' },
    byManagement: { zh: '（随管理层）', en: '(by Management)' },
    circle: { zh: /^部门不能在自己之下/, en: /^a department can't be under itself/ },
  },
}
